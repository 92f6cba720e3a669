/** Runs a job on the restorer: in its turn, within time limits, traced. */
import { LimpidError } from "../../errors.ts";
import type { RestoreOptions } from "../../types.ts";
import type { Restorer } from "../../restorer.ts";
import type { Permit } from "./admission.ts";
import type { RequestContext } from "../request_context.ts";
import type { Service } from "../service.ts";
import { StageTimeouts } from "./stage_timeouts.ts";
import { inSpan, StageSpans } from "../tracing.ts";

/** The options that follow and stop a job. */
export type JobOptions = Required<
  Pick<RestoreOptions, "signal" | "onProgress">
>;

/**
 * Waits for a job slot, runs the work, and releases the slot. Where the work
 * fails, the context gets the times of its stages.
 *
 * @param client Aborts when the client has left: the work stops before the next
 * tile.
 * @throws {Problem} `busy`, `not-ready`, `too-slow`; what the work throws.
 */
export async function runJob<T>(
  { supervisor, config }: Service,
  place: Permit,
  client: AbortSignal,
  context: RequestContext,
  work: (restorer: Restorer, options: JobOptions) => Promise<T>,
): Promise<T> {
  using _ = await context.time(
    "queue",
    () => inSpan("queue", () => place.acquire(client)),
  );
  const restorer = await supervisor.restorer(client);
  using timeouts = new StageTimeouts(config.stages, client);
  using spans = new StageSpans();
  const working = work(restorer, {
    signal: timeouts.signal,
    onProgress(progress): void {
      timeouts.onProgress(progress);
      spans.onProgress(progress);
    },
  });
  // The race below may be over before this fails.
  working.catch(() => {});
  try {
    return await Promise.race([working, timeouts.stuck]);
  } catch (error) {
    for (const [stage, ms] of timeouts.endStages()) context.note(stage, ms);
    supervisor.noteError(
      restorer,
      timeouts.deviceIsStuck ? stuck(error) : error,
    );
    throw error;
  }
}

/** The error for a job that does not stop: its device counts as lost. */
function stuck(cause: unknown): LimpidError {
  return new LimpidError("device-failed", "A job did not stop in time.", {
    cause,
  });
}
