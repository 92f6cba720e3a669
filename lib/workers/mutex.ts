import { aborted } from "../job_control.ts";

/** Runs one task at a time, in order of arrival. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

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
    const result = this.#last.then(() => {
      if (signal?.aborted) throw aborted(signal);
      return task();
    });
    this.#last = result.catch(() => {});
    return await (signal === null ? result : unlessAborted(result, signal));
  }
}

async function unlessAborted<T>(
  result: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(aborted(signal));
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([result, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
