/** How a job is told of while it waits for the codecs. */
import type { JobControl } from "../job_control.ts";
import type { Stopwatch } from "./stopwatch.ts";

/**
 * Tells of a job that waits for the codecs, and of its stage when that begins;
 * what it waited is not time of the stage.
 */
export function codecWaits(
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
