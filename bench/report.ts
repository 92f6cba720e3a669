/** What the benchmark finds, as its JSON file holds it. All times are medians in milliseconds. */
import type { Device, Precision, Task } from "../lib/types.ts";
import type { ColdTimes, Gaps, SubjectTimes } from "./protocol.ts";

/** What others need for the same work. */
export const BASELINES = ["bare", "onnxruntime-node", "pytorch"] as const;
/**
 * `bare`: the device's own runtime on the same tiles, without Limpid;
 * `onnxruntime-node`: the same on the processor, where that is another;
 * `pytorch`: the networks they were exported from.
 */
export type Baseline = typeof BASELINES[number];

/** How `restore()` compares with a baseline. */
export interface Comparison {
  readonly ms: number;
  /** The median, over the runs, of `work` divided by the baseline's time just after it. */
  readonly ratio: number;
  /** The same of processor times, all threads together: steadier where other programs run, blind to a GPU's time. */
  readonly cpuRatio: number;
  readonly gmacsPerSecond: number;
  /** Bytes. */
  readonly peak: number;
}

/** One device and one image. */
export interface Measurement {
  readonly device: Device;
  /** What each network that ran computed in, in their order. */
  readonly precisions: readonly Precision[];
  readonly width: number;
  readonly height: number;
  readonly megapixels: number;
  /** How often it was measured. */
  readonly runs: number;
  /** Of the restorer. */
  readonly tiles: {
    readonly total: number;
    readonly restored: number;
    readonly width: number;
    readonly height: number;
    /** Arithmetic of all networks on all tiles, to that on what they see in one piece. */
    readonly overhead: number;
  };
  /** Billions of multiplications and additions of all networks on all their tiles. */
  readonly gmacs: number;
  /** `gmacs` by the seconds of `work`. */
  readonly gmacsPerSecond: number;
  readonly times: SubjectTimes;
  /** Milliseconds of work on an image of the same size without damage, and no task named. */
  readonly glance: number;
  /** The longest of all runs. */
  readonly gaps: Gaps;
  /** Most bytes that were resident while the process lived. */
  readonly peak: number;
  readonly baselines: Readonly<Partial<Record<Baseline, Comparison>>>;
}

/** One device from nothing to the first tile. */
export interface ColdStart extends ColdTimes {
  readonly device: Device;
  /** From the start of a process to the first image, through the public interface. */
  readonly whole: number;
}

/** All of it. */
export interface Report {
  readonly version: 1;
  readonly machine: {
    readonly processor: string;
    readonly threads: number;
    readonly system: string;
    readonly deno: string;
  };
  readonly task: Task;
  /** How often each was to be measured, time permitting. */
  readonly runs: number;
  /** What was asked of `restore()`; `null` where each model decided. */
  readonly tile: number | null;
  /** In the order in which they run. */
  readonly models: readonly { readonly id: string; readonly sha256: string }[];
  readonly cold: readonly ColdStart[];
  readonly measurements: readonly Measurement[];
  /** What was left out, and what to bear in mind. */
  readonly notes: readonly string[];
}
