/** Waits for servers and repeats requests, within limits. */
import { setTimeout as wait } from "node:timers/promises";
import { LimpidError } from "../errors.ts";
import { checkAborted } from "../job_control.ts";

/** Limits on waiting, times in milliseconds. */
export interface RetryPolicy {
  /** How long a server may send nothing. */
  readonly idleTimeoutMs: number;
  /** Most attempts in a row without progress. */
  readonly maxAttempts: number;
  /**
   * Pause before the second attempt, doubled before each further one; the wait
   * is a random half to all of that.
   */
  readonly baseDelayMs: number;
  /** How long one download may take. */
  readonly totalTimeoutMs: number;
}

/** The default policy. */
export const RETRY_POLICY: RetryPolicy = {
  idleTimeoutMs: 30_000,
  maxAttempts: 5,
  baseDelayMs: 500,
  totalTimeoutMs: 3_600_000,
};

/** Longest pause between two attempts, even if a server asks for more. */
const LONGEST_PAUSE = 30_000;

/** A failure that may not recur. */
export class TransientError extends Error {
  /**
   * @param message A clause that says what happened.
   * @param after Milliseconds that the server asks to wait, 0 for none.
   */
  constructor(message: string, readonly after = 0, cause?: unknown) {
    super(message, { cause });
  }
}

/** Passed to each attempt. */
export interface Attempt {
  /** Aborts the attempt: the caller stopped, or the total time is over. */
  readonly signal: AbortSignal;
  /** Must be called when new bytes arrive. */
  progressed(): void;
}

/**
 * Repeats work that fails with {@linkcode TransientError}.
 *
 * @param shown Address of what is fetched, for the message.
 * @throws {LimpidError} `model-missing` when attempts or time are used up,
 * `aborted`; what else `work` throws.
 */
export async function withRetries<T>(
  retryPolicy: RetryPolicy,
  caller: AbortSignal | null,
  shown: string,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const control = { signal: caller };
  checkAborted(control);
  const end = new AbortController();
  const stop = (): void => end.abort();
  caller?.addEventListener("abort", stop);
  const timer = setTimeout(stop, retryPolicy.totalTimeoutMs);
  try {
    for (let tries = 1;; tries++) {
      try {
        return await work({
          signal: end.signal,
          progressed: () => tries = 0,
        });
      } catch (error) {
        checkAborted(control);
        if (end.signal.aborted) {
          throw missing(
            shown,
            `it did not come within ${retryPolicy.totalTimeoutMs / 1000} s`,
            error,
          );
        }
        if (!(error instanceof TransientError)) throw error;
        if (tries >= retryPolicy.maxAttempts) {
          throw missing(shown, error.message, error);
        }
        await pause(retryPolicy, Math.max(1, tries), error.after, end.signal);
        checkAborted(control);
      }
    }
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", stop);
  }
}

function missing(shown: string, why: string, cause: unknown): LimpidError {
  return new LimpidError(
    "model-missing",
    `${shown} cannot be fetched: ${why}; check the network, or try again later.`,
    { cause },
  );
}

async function pause(
  { baseDelayMs: delay }: RetryPolicy,
  tries: number,
  after: number,
  signal: AbortSignal,
): Promise<void> {
  // At random, so that many clients do not return all at once.
  const doubled = delay * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
  const ms = Math.min(LONGEST_PAUSE, Math.max(after, doubled));
  await wait(ms, null, { signal }).catch(() => {});
}

/**
 * Waits for a promise up to the idle timeout.
 *
 * @throws {TransientError}
 */
export async function within<T>(
  idleTimeoutMs: number,
  promise: Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new TransientError(
          `the server sent nothing for ${idleTimeoutMs / 1000} s`,
        ),
      ),
    idleTimeoutMs,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
