/** Reads what comes over the network, counting. */
import { ByteCollector } from "./byte_collector.ts";
import { Problem } from "../problem.ts";
import { takeTurns } from "./take_turns.ts";

/** What a body may at most be and take. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Milliseconds between two pieces. */
  readonly idleTime: number;
  /** Milliseconds for all of it. */
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

/** How many bytes to make room for; what is declared takes no memory until it is there. */
export function expectedBytes(
  declared: string | null,
  { maxBytes }: BodyLimits,
): number {
  return Math.min(Number(declared ?? 0) || 0, maxBytes);
}

/**
 * Hands a body on piece by piece. What is declared too long is refused before
 * the first byte, what turns out too long as soon as it does.
 *
 * @param declared The Content-Length, if any.
 * @param take Is waited for before the next piece is read.
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
  const stop = Promise.withResolvers<never>();
  // Nobody may be racing it at the moment when it is rejected.
  stop.promise.catch(() => {});
  const gone = (): void => stop.reject(signal.reason);
  const late = (): void =>
    stop.reject(
      new Problem("too-slow-body", "The body came too slowly; send it again."),
    );
  signal.addEventListener("abort", gone);
  const whole = setTimeout(late, readTime);
  let idle = setTimeout(late, idleTime);
  const reader = body?.getReader();
  let length = 0;
  try {
    while (reader !== undefined) {
      const { done, value } = await Promise.race([reader.read(), stop.promise]);
      if (done) break;
      length += value.length;
      if (length > maxBytes) throw tooLong(maxBytes);
      await Promise.race([take(value), stop.promise]);
      await takeTurns();
      clearTimeout(idle);
      idle = setTimeout(late, idleTime);
    }
    // A server that stops may end bodies as if that were all.
    if (declared !== null && length !== Number(declared)) throw brokenOff();
  } catch (error) {
    reader?.cancel(error).catch(() => {});
    if (error instanceof Problem || signal.aborted) throw error;
    throw brokenOff(error);
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
    signal.removeEventListener("abort", gone);
  }
}

function tooLong(maxBytes: number): Problem {
  return new Problem(
    "too-many-bytes",
    `The body is longer than ${maxBytes} bytes; send a smaller file.`,
  );
}

function brokenOff(cause?: unknown): Problem {
  return new Problem(
    "invalid-request",
    "The body ended before all of it was read; send it again.",
    { cause },
  );
}
