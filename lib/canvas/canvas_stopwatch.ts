/** Measures what a canvas does. */
import type { CanvasTimes } from "./canvas.ts";

/** Sums milliseconds by step. */
export class CanvasStopwatch {
  #times = { upload: 0, cut: 0, network: 0, blend: 0, readback: 0 };

  /** Does a step and counts its time. */
  sync<T>(step: keyof CanvasTimes, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#times[step] += performance.now() - start;
    }
  }

  /** Does a step and counts its time; steps are not to contain each other. */
  async time<T>(step: keyof CanvasTimes, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#times[step] += performance.now() - start;
    }
  }

  /** What was measured so far. */
  get times(): CanvasTimes {
    return { ...this.#times };
  }
}
