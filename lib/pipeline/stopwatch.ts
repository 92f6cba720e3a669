/** Measures the stages of a job. */
import type { CanvasTimes } from "../types.ts";
import { addTimes } from "../runtime/canvas/canvas_stopwatch.ts";
import type { Times } from "../types.ts";

const NOTHING: CanvasTimes = {
  upload: 0,
  cut: 0,
  network: 0,
  blend: 0,
  readback: 0,
};

/** Milliseconds of each stage, and since construction. */
export class Stopwatch {
  readonly #begun = performance.now();
  #stages = { decode: 0, mask: 0, restore: 0, encode: 0 };
  #work = 0;
  #canvas: CanvasTimes = NOTHING;

  /** Does the work and adds how long it took. */
  async time<T>(
    stage: Exclude<keyof Times, "total" | "canvas">,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#stages[stage] += performance.now() - start;
    }
  }

  /** Subtracts waiting time from a stage. */
  leaveOut(stage: "decode" | "encode", ms: number): void {
    this.#stages[stage] -= ms;
  }

  /** Sets the milliseconds of the last encoding. */
  setEncode(ms: number): void {
    this.#stages.encode = ms;
  }

  /** Ends the job's total time; only later encoding is added to it. */
  stop(): void {
    this.#work = performance.now() - this.#begun;
  }

  /** Adds what a canvas measured within the stages `mask` and `restore`. */
  addCanvas(times: CanvasTimes): void {
    this.#canvas = addTimes(this.#canvas, times);
  }

  /** What was measured so far. */
  get times(): Times {
    return {
      ...this.#stages,
      total: this.#work + this.#stages.encode,
      canvas: this.#canvas,
    };
  }
}
