/** Reads bodies within limits of size and time. */
import { ByteCollector } from "./byte_collector.ts";
import { Interruptible } from "./interruptible.ts";
import { PieceLimit } from "./piece_limit.ts";
import { Problem } from "../problem.ts";
import { takeTurns } from "./take_turns.ts";

/** Limits of a body's size and time. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Most milliseconds between two pieces. */
  readonly idleTime: number;
  /** Most milliseconds for the whole body. */
  readonly readTime: number;
}

/**
 * Reads a body to its end.
 *
 * @throws {Problem} as {@linkcode readPieces}.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  declared: string | null,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new ByteCollector(expectedBytes(declared, limits));
  await readPieces(body, declared, limits, signal, (piece) => bytes.add(piece));
  return bytes.bytes;
}

/** Size of the buffer to allocate; unwritten memory costs nothing. */
export function expectedBytes(
  declared: string | null,
  { maxBytes }: BodyLimits,
): number {
  return Math.min(Number(declared ?? 0) || 0, maxBytes);
}

/**
 * Passes a body on piece by piece. A body whose declared length is too large is
 * refused before the first byte, another one as soon as it exceeds the limit,
 * or comes in far too small pieces.
 *
 * @param declared The Content-Length, if any.
 * @param take Awaited before the next piece is read.
 * @throws {Problem} `too-many-bytes`, `too-slow-body`, `invalid-request` where
 * the body breaks off or is not as long as declared; the signal's reason; what
 * `take` throws, if that is a {@linkcode Problem}.
 */
export async function readPieces(
  body: ReadableStream<Uint8Array> | null,
  declared: string | null,
  limits: BodyLimits,
  signal: AbortSignal,
  take: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const { maxBytes, idleTime, readTime } = limits;
  signal.throwIfAborted();
  if (declared !== null && Number(declared) > maxBytes) throw tooLong(maxBytes);
  const waits = new Interruptible();
  const pieces = new PieceLimit();
  const gone = (): void => waits.interrupt(signal.reason);
  const late = (): void =>
    waits.interrupt(
      new Problem("too-slow-body", "The body came too slowly; send it again."),
    );
  signal.addEventListener("abort", gone);
  const whole = setTimeout(late, readTime);
  let idle = setTimeout(late, idleTime);
  const reader = body?.getReader();
  let length = 0;
  try {
    while (reader !== undefined) {
      const { done, value } = await waits.wait(reader.read());
      if (done) break;
      length += value.length;
      if (length > maxBytes) throw tooLong(maxBytes);
      if (pieces.isExceededBy(value)) throw tooManyPieces();
      await waits.wait(take(value));
      await takeTurns();
      clearTimeout(idle);
      idle = setTimeout(late, idleTime);
    }
    // A server that stops may end bodies early without an error.
    if (declared !== null && length !== Number(declared)) throw new BrokenOff();
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The stream's own error may come first.
    if (signal.aborted) throw signal.reason;
    throw new BrokenOff(error);
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
    signal.removeEventListener("abort", gone);
    // The server reads the rest: most clients see an answer only once all is
    // sent.
    reader?.releaseLock();
  }
}

function tooLong(maxBytes: number): Problem {
  return new Problem(
    "too-many-bytes",
    `The body is longer than ${maxBytes} bytes; send a smaller file.`,
  );
}

function tooManyPieces(): Problem {
  return new Problem(
    "invalid-request",
    "The body comes in pieces of a few bytes; send larger chunks.",
  );
}

/** A body that ended too early. */
export class BrokenOff extends Problem {
  constructor(cause?: unknown) {
    super(
      "invalid-request",
      "The body ended before all of it was read; send it again.",
      { cause },
    );
  }
}
