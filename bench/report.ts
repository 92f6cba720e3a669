/** The benchmark's report and JSON file. Times are medians in milliseconds. */
import type { Device, Precision, Task } from "../lib/types.ts";
import type { ColdTimes, Gaps, SubjectTimes } from "./protocol.ts";

/** What `restore()` is compared with. */
export const BASELINES = ["bare", "onnxruntime-node", "pytorch"] as const;
/**
 * `bare`: the device's runtime on the same tiles, without Limpid;
 * `onnxruntime-node`: the same on the CPU, where the device is another;
 * `pytorch`: the networks before export.
 */
export type Baseline = typeof BASELINES[number];

/** A comparison of `restore()` with a baseline. */
export interface Comparison {
  readonly ms: number;
  /**
   * The median over the runs of `work` divided by the baseline's time directly
   * after it.
   */
  readonly ratio: number;
  /**
   * The same ratio of CPU times over all threads: steadier where other programs
   * run, but without a GPU's time.
   */
  readonly cpuRatio: number;
  readonly gmacsPerSecond: number;
  /** Peak memory in bytes. */
  readonly peak: number;
}

/** Measurement of one device with one image. */
export interface Measurement {
  readonly device: Device;
  /** Precision of each network that ran, in order. */
  readonly precisions: readonly Precision[];
  readonly width: number;
  readonly height: number;
  readonly megapixels: number;
  /** Number of runs. */
  readonly runs: number;
  /** Tiles of the restorer. */
  readonly tiles: {
    readonly total: number;
    readonly restored: number;
    readonly width: number;
    readonly height: number;
    /** Arithmetic of all networks on all tiles, divided by the untiled one. */
    readonly overhead: number;
  };
  /**
   * Billions of multiply-accumulate operations on all tiles of all networks.
   */
  readonly gmacs: number;
  /** `gmacs` divided by the seconds of `work`. */
  readonly gmacsPerSecond: number;
  readonly times: SubjectTimes;
  /** Milliseconds of work on an undamaged image of this size, task `auto`. */
  readonly glance: number;
  /** The longest gaps of all runs. */
  readonly gaps: Gaps;
  /** Peak resident memory of the process in bytes. */
  readonly peak: number;
  readonly baselines: Readonly<Partial<Record<Baseline, Comparison>>>;
}

/** Cold start of one device, up to the first tile. */
export interface ColdStart extends ColdTimes {
  readonly device: Device;
  /** From process start to the first image, through the public interface. */
  readonly whole: number;
}

/** The whole report. */
export interface Report {
  readonly version: 2;
  readonly machine: {
    readonly processor: string;
    readonly threads: number;
    readonly system: string;
    readonly deno: string;
  };
  readonly task: Task;
  /** Most runs of each measurement. */
  readonly runs: number;
  /** Tile size that was asked for; `null` where each model decided. */
  readonly tile: number | null;
  /** The models in the order in which they run. */
  readonly models: readonly { readonly id: string; readonly sha256: string }[];
  readonly cold: readonly ColdStart[];
  readonly measurements: readonly Measurement[];
  /** Notes about what was left out and how to read the figures. */
  readonly notes: readonly string[];
}
