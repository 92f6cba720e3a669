/** Runs one job on the engine: in its turn, within its limits, under its spans. */
import { LimpidError } from "../../errors.ts";
import type { Restorer } from "../../restorer.ts";
import type { Progress } from "../../types.ts";
import type { Place } from "./admission.ts";
import type { Exchange } from "../request_context.ts";
import type { Service } from "../service.ts";
import { StageWatch } from "./stage_timeouts.ts";
import { inSpan, StageSpans } from "../tracing.ts";

/** What a job looks at and tells on its way. */
export interface JobWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Waits for a turn and does the work. The turn ends with the work, not with
 * the waiting for it.
 *
 * @param client Given when the client has left: the work stops before the next tile.
 * @throws {Problem} `busy`, `not-ready`, `too-slow`; what the work throws.
 */
export async function runJob<T>(
  { engine, config }: Service,
  place: Place,
  client: AbortSignal,
  exchange: Exchange,
  work: (restorer: Restorer, watch: JobWatch) => Promise<T>,
): Promise<T> {
  const turn = await exchange.time(
    "queue",
    () => inSpan("queue", () => place.turn(client)),
  );
  try {
    const restorer = await engine.restorer(client);
    using watch = new StageWatch(config.stages, client);
    using spans = new StageSpans();
    const working = work(restorer, {
      signal: watch.signal,
      onProgress(progress): void {
        watch.onProgress(progress);
        spans.onProgress(progress);
      },
    });
    // Awaited below; but the race may be over before it fails.
    working.catch(() => {});
    try {
      return await Promise.race([working, watch.stuck]);
    } catch (error) {
      engine.noteError(restorer, watch.deviceIsStuck ? stuck(error) : error);
      throw error;
    }
  } finally {
    turn[Symbol.dispose]();
  }
}

/** A job that does not stop on its device has lost it. */
function stuck(cause: unknown): LimpidError {
  return new LimpidError("device-failed", "A job did not stop in time.", {
    cause,
  });
}
