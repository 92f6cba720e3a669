/** Bounds how many pieces a body comes in. */
import type { IncomingMessage } from "node:http";

/** Bytes of a piece in the mean, and pieces beyond that: some are small anyway. */
const LEAST_BYTES = 64, FREE_PIECES = 4096;

/**
 * Bounds how many pieces a body comes in: each takes memory and time of its own,
 * some hundred times as much as a single byte. Networks and proxies cut bodies
 * into thousands of bytes; whoever sends them byte by byte means harm.
 */
export class PieceLimit {
  #pieces = 0;
  #bytes = 0;

  /** Counts a piece; whether the body comes in too many. */
  isExceededBy(piece: Uint8Array): boolean {
    this.#bytes += piece.length;
    return ++this.#pieces > FREE_PIECES + this.#bytes / LEAST_BYTES;
  }
}

/**
 * Limits a message's pieces as they come: node:http holds those that nobody has
 * read yet, too.
 *
 * @param close Called where they are too many; no more are taken then.
 */
export function limitPieces(
  message: IncomingMessage,
  close: () => void,
): void {
  const push = message.push.bind(message);
  const pieces = new PieceLimit();
  message.push = (piece: Uint8Array | null, ...more): boolean => {
    if (piece === null || !pieces.isExceededBy(piece)) {
      return push(piece, ...more);
    }
    close();
    return false;
  };
}
