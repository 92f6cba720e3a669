/** How a caller follows a job, and stops it. */
import { LimpidError } from "./errors.ts";
import type { Stopwatch } from "./pipeline/stopwatch.ts";
import type { Progress } from "./types.ts";

/** What a job looks at and tells between its steps. */
export interface JobControl {
  readonly signal: AbortSignal | null;
  readonly onProgress: (progress: Progress) => void;
}

/** @throws {LimpidError} `aborted` once the caller's signal was given. */
export function checkAborted({ signal }: Pick<JobControl, "signal">): void {
  if (signal?.aborted) {
    throw new LimpidError("aborted", "The work was stopped as asked for.", {
      cause: signal.reason,
    });
  }
}

/**
 * Tells of a job that waits for the codecs, and of its stage when that begins;
 * what it waited is not time of the stage.
 */
export function waitsFor(
  stage: "decode" | "encode",
  { onProgress }: JobControl,
  stopwatch: Stopwatch,
): { readonly onWait: () => void; readonly onTurn: () => void } {
  let since: number | null = null;
  return {
    onWait(): void {
      since = performance.now();
      onProgress({ stage: "queue", done: 0, total: 1 });
    },
    onTurn(): void {
      if (since !== null) stopwatch.leaveOut(stage, performance.now() - since);
      onProgress({ stage, done: 0, total: 1 });
    },
  };
}
