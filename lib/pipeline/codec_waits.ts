/** Reports the progress of a job that waits for the codecs. */
import { type JobControl, progressOf } from "../job_control.ts";
import type { Waits } from "../codecs/worker_client.ts";
import type { Stopwatch } from "./stopwatch.ts";

/**
 * Reports that a job waits for the codecs, and its stage once that begins. The
 * wait does not count as time of the stage.
 */
export function codecWaits(
  stage: "decode" | "encode",
  { onProgress, signal }: JobControl,
  stopwatch: Stopwatch,
): Required<Waits> {
  let since: number | null = null;
  return {
    signal,
    onWait(): void {
      since = performance.now();
      onProgress(progressOf("queue", 0, 1));
    },
    onTurn(): void {
      if (since !== null) stopwatch.leaveOut(stage, performance.now() - since);
      onProgress(progressOf(stage, 0, 1));
    },
  };
}
