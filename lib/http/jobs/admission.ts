/** Limits how many jobs run and how many wait. */
import { Problem } from "../problem.ts";

/** A caller's place, taken before its body is read and released at the end. */
export interface Permit extends Disposable {
  /**
   * Waits for a job slot, first come, first served.
   *
   * @param signal Ends the wait.
   * @returns the slot, which is released by disposing of it
   * @throws {Problem} `busy` after the time limit; the signal's reason.
   */
  acquire(signal: AbortSignal): Promise<Disposable>;
}

/** Seconds of Retry-After for each job ahead of a refused caller. */
const SECONDS_PER_JOB = 1;

/**
 * A bounded queue. There are as many places as jobs and queue together; a
 * caller that gets none is refused at once, before its body is read.
 */
export class Admission {
  readonly #jobs: number;
  readonly #places: number;
  readonly #queueTime: number;
  readonly #waiting: (() => void)[] = [];
  #entered = 0;
  #running = 0;

  /**
   * @param jobs Jobs at a time, 1 or more.
   * @param queue Callers that may wait in addition, 0 or more.
   * @param queueTime Most milliseconds to wait for a slot.
   */
  constructor(jobs: number, queue: number, queueTime: number) {
    this.#jobs = jobs;
    this.#places = jobs + queue;
    this.#queueTime = queueTime;
  }

  /** Number of running jobs. */
  get running(): number {
    return this.#running;
  }

  /** Callers with a place whose job does not run: being read, or waiting. */
  get waiting(): number {
    return this.#entered - this.#running;
  }

  /** @throws {Problem} `busy` where all places are taken. */
  enter(): Permit {
    if (this.#entered >= this.#places) {
      throw new Problem("busy", "All places are taken; try again later.", {
        retryAfter: Math.ceil(this.#places / this.#jobs * SECONDS_PER_JOB),
      });
    }
    this.#entered++;
    let inside = true;
    return {
      acquire: (signal) => this.#turn(signal),
      [Symbol.dispose]: () => {
        if (inside) this.#entered--;
        inside = false;
      },
    };
  }

  async #turn(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#running < this.#jobs) this.#running++;
    else await this.#wait(signal);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#pass();
        held = false;
      },
    };
  }

  /** Passes a released slot to the caller that has waited longest. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (reason: unknown): void => {
      const at = this.#waiting.indexOf(resolve);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(reason);
    };
    const gone = (): void => leave(signal.reason);
    const timer = setTimeout(() =>
      leave(
        new Problem(
          "busy",
          "The queue did not move in time; try again later.",
          {
            retryAfter: Math.ceil(this.#queueTime / 1000),
          },
        ),
      ), this.#queueTime);
    signal.addEventListener("abort", gone);
    this.#waiting.push(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", gone);
    }
  }
}
