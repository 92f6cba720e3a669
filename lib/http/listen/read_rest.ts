/** Reads what a client still sends although it has its answer. */
import type { IncomingMessage } from "node:http";
import { PieceLimit } from "../body/piece_limit.ts";
import { takeTurns } from "../body/take_turns.ts";

/** Most milliseconds for the rest of a body, and between two pieces of it. */
const WHOLE = 30_000;
const IDLE = 5_000;
/** Most bytes. */
const BYTES = 64 * 2 ** 20;

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
  let left = BYTES;
  const pieces = new PieceLimit();
  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  try {
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done || pieces.isExceededBy(value)) break;
      left -= value.length;
      // Whoever is refused must not keep others waiting.
      await takeTurns();
      clearTimeout(idle);
      idle = setTimeout(end, times.idle);
    }
    end();
  } catch {
    // The client has left.
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
    stop.removeEventListener("abort", end);
  }
}

/**
 * Gives up what is unread of a request's body, for servers that would hold it,
 * and the connection, until it is collected as garbage.
 */
export function dropRest({ body }: Pick<Request, "body">): void {
  if (body !== null && !body.locked) body.cancel().catch(() => {});
}
