/** Measures what a canvas does. */
import type { CanvasTimes } from "../../types.ts";

type Step = keyof CanvasTimes;

/** What two canvases spent together. */
export function addTimes(a: CanvasTimes, b: CanvasTimes): CanvasTimes {
  return {
    upload: a.upload + b.upload,
    cut: a.cut + b.cut,
    network: a.network + b.network,
    blend: a.blend + b.blend,
    readback: a.readback + b.readback,
  };
}

/** Sums milliseconds by step; a step within another stops the outer one meanwhile. */
export class CanvasStopwatch {
  #times = { upload: 0, cut: 0, network: 0, blend: 0, readback: 0 };
  #step: Step | null = null;
  #since = 0;

  /** Does a step and counts its time. */
  sync<T>(step: Step, work: () => T): T {
    const outer = this.#enter(step);
    try {
      return work();
    } finally {
      this.#enter(outer);
    }
  }

  /** As {@linkcode CanvasStopwatch.sync}; a canvas does one thing at a time. */
  async time<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const outer = this.#enter(step);
    try {
      return await work();
    } finally {
      this.#enter(outer);
    }
  }

  /** What was measured so far. */
  get times(): CanvasTimes {
    return { ...this.#times };
  }

  /** @returns the step before */
  #enter(step: Step | null): Step | null {
    const now = performance.now();
    const before = this.#step;
    if (before !== null) this.#times[before] += now - this.#since;
    this.#step = step;
    this.#since = now;
    return before;
  }
}
