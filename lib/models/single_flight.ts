/** Shares work among several callers. */
import { aborted, checkAborted } from "../job_control.ts";

/** How a caller follows a transfer and leaves it. */
export interface Transfer {
  readonly signal?: AbortSignal | null;
  /** Called with the bytes received, and bytes in total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A caller that waits; `fail` ends its waiting, and no other's. */
interface Caller extends Transfer {
  readonly fail: (error: unknown) => void;
}

/** Work that goes on while a caller waits, and stops when the last leaves. */
export class SingleFlight<T> {
  readonly #callers = new Set<Caller>();
  readonly #stop = new AbortController();
  readonly #result: Promise<T>;

  /** @param start Begins the work. */
  constructor(
    start: (control: {
      readonly signal: AbortSignal;
      readonly onProgress: (done: number, total: number) => void;
    }) => Promise<T>,
  ) {
    this.#result = start({
      signal: this.#stop.signal,
      onProgress: (done, total) => {
        for (const { onProgress, fail } of this.#callers) {
          try {
            onProgress?.(done, total);
          } catch (error) {
            fail(error);
          }
        }
      },
    });
    // Callers that wait get the error.
    this.#result.catch(() => {});
  }

  /** Whether the work was stopped, and must be begun anew. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** The work's result. */
  get result(): Promise<T> {
    return this.#result;
  }

  /** Stops the work, even if callers wait. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * @throws {LimpidError} `aborted` when the caller's signal aborts; what the
   * work throws
   */
  async join(transfer: Transfer): Promise<T> {
    const { signal = null } = transfer;
    checkAborted({ signal });
    const left = Promise.withResolvers<never>();
    const fail = (error: unknown): void => {
      this.#callers.delete(caller);
      if (this.#callers.size === 0) this.#stop.abort();
      left.reject(error);
    };
    // A copy, because a caller may join twice.
    const caller = { ...transfer, fail };
    this.#callers.add(caller);
    const leave = (): void => fail(aborted(signal!));
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([this.#result, left.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#callers.delete(caller);
    }
  }
}
