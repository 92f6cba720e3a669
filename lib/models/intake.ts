/** Takes in a body: reads, hashes and writes, each while the others work. */
import type { Hash } from "node:crypto";
import { BodyReader, PIECE } from "./body_reader.ts";
import { TransientError } from "./retry.ts";
import type { FileCursor } from "./partial_file.ts";

/** Pieces of this length and more are written as they are, smaller ones gathered. */
const LARGE = PIECE / 4;

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
 * @param idleTimeoutMs Milliseconds that nothing may come.
 * @throws {TransientError} where the connection breaks or stalls; what came before
 * is stored then
 */
export async function streamBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  hash: Hash,
  place: FileCursor,
  idleTimeoutMs: number,
  signal: AbortSignal,
  events: IntakeEvents,
): Promise<void> {
  using reader = new BodyReader(body, idleTimeoutMs);
  // Three stretches of memory, which change places: one is read into, one
  // gathers small pieces, one is being written. Copying what is large already
  // would take as long as writing it.
  let gathered = new Uint8Array(PIECE);
  let free = new ArrayBuffer(PIECE);
  let filled = 0;
  let writing = Promise.resolve();
  /** @returns memory in place of that of the bytes */
  const store = async (
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer> => {
    await writing;
    writing = place.write(bytes);
    // Told when it is waited for.
    writing.catch(() => {});
    hash.update(bytes);
    events.stored(bytes.length);
    const written = free;
    free = bytes.buffer;
    return written;
  };
  const storeGathered = async (): Promise<void> => {
    if (filled === 0) return;
    const bytes = gathered.subarray(0, filled);
    filled = 0;
    gathered = new Uint8Array(await store(bytes));
  };
  try {
    for (;;) {
      const piece = await reader.next(signal);
      if (piece === null) break;
      events.received(piece.length);
      const isOwn = piece.buffer.byteLength === PIECE;
      if (filled === 0 && piece.length >= LARGE && isOwn) {
        reader.exchange(await store(piece));
        continue;
      }
      for (let from = 0; from < piece.length;) {
        const part = piece.subarray(from, from + PIECE - filled);
        gathered.set(part, filled);
        filled += part.length;
        from += part.length;
        if (filled === PIECE) await storeGathered();
      }
    }
    await storeGathered();
  } catch (error) {
    // What came before the connection broke need not come again.
    if (error instanceof TransientError) await storeGathered();
    throw error;
  } finally {
    await writing;
  }
}
