/** Reads what a client still sends although it has its answer. */
import type { IncomingMessage } from "node:http";

/** Most milliseconds for the rest of a body, and between two pieces of it. */
const WHOLE = 30_000;
const IDLE = 5_000;

/**
 * Reads the rest of a request's body and drops it: a connection that is closed
 * before is reset, and the client may lose its answer with it. Ends after some
 * time, since nobody waits for the rest.
 *
 * @param stop Ends it at once.
 */
export async function readRest(
  { body }: Pick<Request, "body">,
  incoming: Pick<IncomingMessage, "complete">,
  stop: AbortSignal,
  times: { readonly whole: number; readonly idle: number } = {
    whole: WHOLE,
    idle: IDLE,
  },
): Promise<void> {
  if (incoming.complete || body === null || body.locked) return;
  const reader = body.getReader();
  const end = (): void => void reader.cancel().catch(() => {});
  const whole = setTimeout(end, times.whole);
  let idle = setTimeout(end, times.idle);
  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  try {
    while (!(await reader.read()).done) {
      clearTimeout(idle);
      idle = setTimeout(end, times.idle);
    }
  } catch {
    // The client has left.
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
    stop.removeEventListener("abort", end);
  }
}
