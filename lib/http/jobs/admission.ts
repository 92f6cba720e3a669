/** Who is let in: so many jobs at a time, so many that wait, and nobody else. */
import { Problem } from "../problem.ts";

/** A place in the house, taken before a body is read and given back at the end. */
export interface Permit extends Disposable {
  /**
   * Waits for one of the job slots, first come, first served.
   *
   * @param signal Gives the wait up.
   * @returns what gives the slot back
   * @throws {Problem} `busy` after the time limit; the signal's reason.
   */
  acquire(signal: AbortSignal): Promise<Disposable>;
}

/** Seconds that a refused caller is asked to wait, per job before it. */
const SECONDS_PER_JOB = 1;

/**
 * A bounded queue. Places are as many as jobs and queue together; a caller
 * without one is refused at once, before anything of it is read.
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
   * @param queue How many more may wait, 0 or more.
   * @param queueTime Milliseconds to wait for a slot at most.
   */
  constructor(jobs: number, queue: number, queueTime: number) {
    this.#jobs = jobs;
    this.#places = jobs + queue;
    this.#queueTime = queueTime;
  }

  /** Jobs at work. */
  get running(): number {
    return this.#running;
  }

  /** Callers inside that are not at work: being read, or waiting. */
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

  /** A slot that is given back goes to the one who waited longest. */
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
