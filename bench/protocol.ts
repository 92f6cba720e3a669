/** What the benchmark and the processes that it measures say to each other. */
import type { Kind, Size } from "../lib/models/manifest.ts";
import type { Device, Precision, Task, Verdict } from "../lib/types.ts";
import type { GpuCounts } from "./gpu_counter.ts";
import type { KernelTime } from "./gpu_timer.ts";
import type { Circumstances } from "./passes.ts";

/** Which networks run. */
export interface Networks {
  /** Folder or URL of the models. */
  readonly models: string;
  readonly task: Task;
  readonly precision: Precision | "auto";
  /** Of the models. */
  readonly size: Size;
}

/** The job of a process, passed as JSON in its first argument. */
export interface Job extends Circumstances, Networks {
  readonly device: Device;
  /** Whether the image is undamaged; no task is given then. */
  readonly undamaged: boolean;
  /** The image's file. */
  readonly image: string;
  /** Path of an image of one tile, shaped like the image's, to warm up. */
  readonly warmUp: string;
  /** Threads of `cpu` and of PyTorch. */
  readonly threads: number;
  /**
   * Precision of each bare network, in the order in which they first run.
   * Default: fp32.
   */
  readonly precisions: readonly Precision[];
}

/** What is restored again and again. */
export interface ThroughputJob extends Networks {
  readonly device: Device;
  /** Path of the image. */
  readonly image: string;
  /** How many of it a measurement takes. */
  readonly count: number;
}

/** Milliseconds for all of them, one after the other and two at once. */
export interface ThroughputAnswer {
  readonly alone: number;
  readonly overlapped: number;
}

/** Which networks are to be profiled. */
export interface ProfileJob extends Networks {
  /** Of the tile, in pixels. */
  readonly side: number;
  readonly runs: number;
}

/** What one run of a network sends to the device. */
export interface ProfileRow extends GpuCounts {
  readonly id: string;
  /** Whether its kernels were recorded before, and replayed. */
  readonly recorded: boolean;
  readonly precision: Precision;
  /** Milliseconds until all of it was handed over, and until it was done. */
  readonly handed: number;
  readonly ms: number;
}

/** What else is said of a network. */
export interface ProfiledNetwork {
  readonly id: string;
  /** Why it was not recorded; `null` where it was. */
  readonly unrecorded: string | null;
  /** What the kernels of one run that is not recorded take; none where the adapter has no clock. */
  readonly kernels: readonly KernelTime[];
}

/** What an image hands over from its pixels to its pixels. */
export interface ProfileImage extends GpuCounts {
  readonly width: number;
  readonly height: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** Of all networks. */
export interface ProfileAnswer {
  /** Name of the device and its adapter. */
  readonly name: string;
  readonly rows: readonly ProfileRow[];
  readonly image: ProfileImage;
  readonly networks: readonly ProfiledNetwork[];
}

/** How several tiles are computed: one by one, in one run, or as one tile of as many pixels. */
export const BATCH_FORMS = ["alone", "batch", "joined"] as const;
export type BatchForm = typeof BATCH_FORMS[number];

/** Which tiles are to be computed how. */
export interface BatchJob extends Omit<ProfileJob, "runs"> {
  readonly tiles: number;
  readonly form: BatchForm;
}

/** What all of these tiles took. */
export interface BatchAnswer
  extends Pick<GpuCounts, "calls" | "kernels" | "submissions"> {
  readonly ms: number;
  /** Most bytes of GPU memory at once, beyond weights and inputs. */
  readonly peak: number;
}

/** Which network computes them. */
export interface BatchReady {
  readonly id: string;
  readonly precision: Precision;
}

/** An image to draw. */
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
  /** Width and height of a tile. */
  readonly width: number;
  readonly height: number;
  /** How many tiles. */
  readonly count: number;
}

/** The job of PyTorch's process. */
export interface TorchJob {
  readonly task: Task;
  readonly threads: number;
  readonly passes: readonly TorchPass[];
  /** Whether to use a CUDA device, if there is one. */
  readonly gpu: boolean;
  /** Whether that computes in fp16, channels last and compiled. */
  readonly half: boolean;
}

/** Milliseconds of one `restore()` and one `encode()`. */
export interface SubjectTimes {
  readonly decode: number;
  readonly upload: number;
  readonly cut: number;
  readonly network: number;
  readonly blend: number;
  readonly readback: number;
  /** Time outside all other parts: messages, waiting, mask statistics. */
  readonly other: number;
  readonly encode: number;
  /**
   * The loops over tiles of mask networks. `upload` to `readback` are parts of
   * this and of `restore`.
   */
  readonly mask: number;
  /** The loop over the restorer's tiles. */
  readonly restore: number;
  /** Everything except decode and encode; compared with the baselines. */
  readonly work: number;
}

/** Longest gap between ticks of a 5 ms timer on the main thread, in ms. */
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
  /** CPU milliseconds of `times.work`, over all threads. */
  readonly cpu: number;
  /** The levels that were processed. */
  readonly levels: readonly number[];
  /** Precision of each network that ran, in order of their first runs. */
  readonly precisions: readonly Precision[];
  /** Tile size that was used; reduced where memory did not suffice. */
  readonly side: number;
  readonly peak: number;
}

/** One measurement of bare networks. */
export interface BaselineAnswer {
  readonly ms: number;
  /** CPU milliseconds, over all threads. */
  readonly cpu: number;
  readonly peak: number;
}

/** The job of a cold start: an image of one tile. */
export interface ColdJob extends
  Pick<
    Job,
    "device" | "models" | "precision" | "size" | "task" | "image" | "threads"
  > {
  /** Time of `Date.now()` when the process was started. */
  readonly spawned: number;
}

/** Milliseconds from process start to the first tile. */
export interface ColdTimes {
  /** Until the first line of the process runs. */
  readonly process: number;
  /** Loading Limpid's modules and the runtime. */
  readonly import: number;
  /** Finding the GPU; 0 elsewhere. */
  readonly adapter: number;
  /** Initialising the runtime: most of it is compiling its code. */
  readonly runtime: number;
  /** Loading and self-checking all networks. */
  readonly models: number;
  /** Processing the first tile with all networks. */
  readonly firstTile: number;
}

/** The GPU of this machine. */
export interface AdapterAnswer {
  readonly name: string;
  /** Whether it is a software renderer. */
  readonly software: boolean;
}
