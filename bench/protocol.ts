/** What the benchmark and the processes that it measures say to each other. */
import type { Kind } from "../lib/models/manifest.ts";
import type { Device, Precision, Task, Verdict } from "../lib/types.ts";
import type { GpuCounts } from "./gpu_counter.ts";
import type { Circumstances } from "./passes.ts";

/** What a process is started with, as JSON in its first argument. */
export interface Job extends Circumstances {
  readonly device: Device;
  /** Folder or URL of the models. */
  readonly models: string;
  readonly task: Task;
  /** Whether the image has no damage, and none is to be named. */
  readonly undamaged: boolean;
  /** What networks are to compute in. */
  readonly precision: Precision | "auto";
  /** The image's file. */
  readonly image: string;
  /** A file of one tile, of the shape that the image's have: run first, not measured. */
  readonly warmUp: string;
  /** Threads of `cpu` and of PyTorch. */
  readonly threads: number;
  /** What each bare network is to compute in, in the order in which they first run; fp32 where none is named. */
  readonly precisions: readonly Precision[];
}

/** Which networks are to be profiled. */
export interface ProfileJob {
  readonly models: string;
  readonly task: Task;
  readonly precision: Precision | "auto";
  /** Of the tile, in pixels. */
  readonly side: number;
  readonly runs: number;
}

/** What one run of a network hands to the device. */
export interface ProfileRow extends GpuCounts {
  readonly id: string;
  readonly precision: Precision;
  readonly ms: number;
}

/** Of all networks. */
export interface ProfileAnswer {
  /** The device with its adapter. */
  readonly name: string;
  readonly rows: readonly ProfileRow[];
}

/** What is to be drawn. */
export interface DrawJob {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly task: Verdict;
}

/** One network's tiles. */
export interface TorchPass {
  readonly kind: Kind;
  /** The network's file. */
  readonly network: string;
  /** Of a tile. */
  readonly width: number;
  readonly height: number;
  /** How many tiles. */
  readonly count: number;
}

/** What PyTorch is started with. */
export interface TorchJob {
  readonly task: Task;
  readonly threads: number;
  readonly passes: readonly TorchPass[];
  /** Whether to take a CUDA device, where there is one. */
  readonly gpu: boolean;
}

/** Milliseconds of one `restore()` and one `encode()`. */
export interface SubjectTimes {
  readonly decode: number;
  readonly upload: number;
  readonly cut: number;
  readonly network: number;
  readonly blend: number;
  readonly readback: number;
  /** Messages, waiting, extent of the mask: what no other part accounts for. */
  readonly other: number;
  readonly encode: number;
  /** The loops over the tiles of networks that find the damage; upload to readback are within it and `restore`. */
  readonly mask: number;
  /** The loop over the restorer's tiles. */
  readonly restore: number;
  /** All but decode and encode: what baselines are compared with. */
  readonly work: number;
}

/** Longest time, in milliseconds, that a timer of 5 ms had to wait on the main thread. */
export interface Gaps {
  readonly decode: number;
  readonly work: number;
  readonly encode: number;
}

/** One measurement of `restore()`. */
export interface SubjectAnswer {
  readonly times: SubjectTimes;
  readonly gaps: Gaps;
  readonly tiles: { readonly total: number; readonly restored: number };
  /** Milliseconds that processors spent on `times.work`, all threads together. */
  readonly cpu: number;
  /** The levels that were looked at. */
  readonly levels: readonly number[];
  /** What each network that ran computed in, in the order in which they first ran. */
  readonly precisions: readonly Precision[];
  /** Side of a tile that was used: smaller than asked for where memory ended. */
  readonly side: number;
  readonly peak: number;
}

/** One measurement of bare networks. */
export interface BaselineAnswer {
  readonly ms: number;
  /** Milliseconds of processors, all threads together. */
  readonly cpu: number;
  readonly peak: number;
}

/** What a cold start is measured with: an image of one tile. */
export interface ColdJob extends
  Pick<
    Job,
    "device" | "models" | "precision" | "task" | "image" | "threads"
  > {
  /** When the process was started, by `Date.now()`. */
  readonly spawned: number;
}

/** Milliseconds from nothing to the first tile. */
export interface ColdTimes {
  /** Until the first line of the process runs. */
  readonly process: number;
  /** Loading Limpid's modules and the runtime. */
  readonly import: number;
  /** Finding the GPU; 0 elsewhere. */
  readonly adapter: number;
  /** Making the runtime ready and loading all networks, with the self-check on WebGPU. */
  readonly session: number;
  /** All networks and all around them on the first tile. */
  readonly firstTile: number;
}

/** Which GPU there is. */
export interface AdapterAnswer {
  readonly name: string;
  /** Whether it is a program on the processor. */
  readonly software: boolean;
}
