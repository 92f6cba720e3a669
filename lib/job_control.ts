/** How a caller follows and stops a job. */
import { LimpidError } from "./errors.ts";
import type { Progress } from "./types.ts";

/** What a job checks and reports between its steps. */
export interface JobControl {
  readonly signal: AbortSignal | null;
  readonly onProgress: (progress: Progress) => void;
}

/** @throws {LimpidError} `aborted` once the caller's signal has aborted. */
export function checkAborted({ signal }: Pick<JobControl, "signal">): void {
  if (signal?.aborted) {
    throw new LimpidError("aborted", "The caller aborted the work.", {
      cause: signal.reason,
    });
  }
}
