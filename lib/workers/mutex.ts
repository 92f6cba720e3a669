import { aborted, unlessAborted } from "../job_control.ts";

/** Runs one task at a time, in order of arrival. */
export class Mutex {
  #busy = false;
  /** Those that wait for their turn; what leaves holds nothing any more. */
  readonly #waiting: (() => void)[] = [];

  /** How many tasks run or wait. */
  get length(): number {
    return this.#waiting.length + (this.#busy ? 1 : 0);
  }

  /**
   * Runs `task` when all earlier tasks have ended, even if they failed.
   *
   * @param signal Once it aborts, the caller waits no longer; a task that has
   * not begun never does, one that has goes on alone.
   * @throws {LimpidError} `aborted`
   */
  async run<T>(
    task: () => Promise<T>,
    signal: AbortSignal | null = null,
  ): Promise<T> {
    if (signal?.aborted) throw aborted(signal);
    if (this.#busy) await this.#turn(signal);
    this.#busy = true;
    return await unlessAborted(this.#do(task), signal);
  }

  async #do<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // The next one has the turn at once: nobody who comes now is before it.
      if (next === undefined) this.#busy = false;
      else next();
    }
  }

  #turn(signal: AbortSignal | null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      const at = this.#waiting.indexOf(go);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(aborted(signal!));
    };
    const go = (): void => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#waiting.push(go);
    return promise;
  }
}
