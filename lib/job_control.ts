/** How a caller follows and stops a job. */
import { LimpidError } from "./errors.ts";
import type { Progress } from "./types.ts";

/** What a job checks and reports between its steps. */
export interface JobControl {
  readonly signal: AbortSignal | null;
  readonly onProgress: (progress: Progress) => void;
}

/** Stages in which an image itself does not get on. */
const WAITING: readonly Progress["stage"][] = ["download", "queue"];

/** Where a stage stands that is all of the work; see {@linkcode partOf}. */
export function progressOf(
  stage: Progress["stage"],
  done: number,
  total: number,
): Progress {
  const fraction = WAITING.includes(stage) ? 0 : done / total;
  return { stage, done, total, fraction };
}

/**
 * The same control for a part of the work: what that takes for all of it, from
 * 0 to 1, is from `from` to `to` here.
 */
export function partOf<C extends JobControl>(
  control: C,
  from: number,
  to: number,
): C {
  return {
    ...control,
    onProgress: (progress) =>
      control.onProgress({
        ...progress,
        fraction: from + (to - from) * progress.fraction,
      }),
  };
}

/** The same control, whose fraction never falls. */
export function rising<C extends JobControl>(control: C): C {
  let most = 0;
  return {
    ...control,
    onProgress(progress): void {
      most = Math.max(most, progress.fraction);
      control.onProgress({ ...progress, fraction: most });
    },
  };
}

/** @throws {LimpidError} `aborted` once the caller's signal has aborted. */
export function checkAborted({ signal }: Pick<JobControl, "signal">): void {
  if (signal?.aborted) throw aborted(signal);
}

/** The error of a job whose signal has aborted. */
export function aborted({ reason }: AbortSignal): LimpidError {
  return new LimpidError("aborted", "The caller aborted the work.", {
    cause: reason,
  });
}

/**
 * Waits for work that cannot be stopped, or until the signal aborts; the work
 * goes on then.
 *
 * @param errorOf What is thrown then. Default: `aborted`.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | null,
  errorOf: (signal: AbortSignal) => unknown = aborted,
): Promise<T> {
  if (signal === null) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(errorOf(signal));
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
