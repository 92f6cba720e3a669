/** Takes in a body: reads, hashes and writes, each while the others work. */
import type { Hash } from "node:crypto";
import { BodyReader } from "./body_reader.ts";
import { Transient } from "./patience.ts";
import type { Place } from "./sink.ts";

/** Bytes that are hashed and written at a time: servers send little at a time. */
const GATHERED = 2 ** 18;

/** What follows an intake. */
export interface IntakeEvents {
  /** Bytes that have been read; may throw to end the intake. */
  received(bytes: number): void;
  /** Bytes that have been hashed and are being written. */
  stored(bytes: number): void;
}

/**
 * Takes in a body to its end.
 *
 * @param stall Milliseconds that nothing may come.
 * @throws {Transient} where the connection breaks or stalls; what came before
 * is stored then
 */
export async function takeIn(
  body: ReadableStream<Uint8Array>,
  hash: Hash,
  place: Place,
  stall: number,
  signal: AbortSignal,
  events: IntakeEvents,
): Promise<void> {
  using reader = new BodyReader(body, stall);
  // While one buffer is written, the other is hashed and filled.
  let [buffer, spare] = [new Uint8Array(GATHERED), new Uint8Array(GATHERED)];
  let filled = 0;
  let writing = Promise.resolve();
  const store = async (): Promise<void> => {
    const bytes = buffer.subarray(0, filled);
    await writing;
    writing = place.write(bytes);
    // Told when it is waited for.
    writing.catch(() => {});
    hash.update(bytes);
    events.stored(filled);
    [buffer, spare] = [spare, buffer];
    filled = 0;
  };
  try {
    for (;;) {
      const piece = await reader.next(signal);
      if (piece === null) break;
      events.received(piece.length);
      for (let from = 0; from < piece.length;) {
        const part = piece.subarray(from, from + GATHERED - filled);
        buffer.set(part, filled);
        filled += part.length;
        from += part.length;
        if (filled === GATHERED) await store();
      }
    }
    await store();
  } catch (error) {
    // What came before the connection broke need not come again.
    if (error instanceof Transient) await store();
    throw error;
  } finally {
    await writing;
  }
}
