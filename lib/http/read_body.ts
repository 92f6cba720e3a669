/** Reads what comes over the network, counting. */
import { Problem } from "./problem.ts";

/** What a body may at most be and take. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Milliseconds between two pieces. */
  readonly idleTime: number;
  /** Milliseconds for all of it. */
  readonly readTime: number;
}

/**
 * Reads a body to its end. What is declared too long is refused before the
 * first byte, what turns out too long as soon as it does.
 *
 * @param declared The Content-Length, if any.
 * @throws {Problem} `too-many-bytes`, `too-slow-body`, `invalid-request` where
 * the body breaks off; the signal's reason.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  declared: string | null,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes, idleTime, readTime } = limits;
  signal.throwIfAborted();
  if (declared !== null && Number(declared) > maxBytes) throw tooLong(maxBytes);
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
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
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), stop.promise]);
      if (done) return joined(chunks, length);
      length += value.length;
      if (length > maxBytes) throw tooLong(maxBytes);
      chunks.push(value);
      clearTimeout(idle);
      idle = setTimeout(late, idleTime);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    if (error instanceof Problem || signal.aborted) throw error;
    throw new Problem(
      "invalid-request",
      "The body ended before all of it was read; send it again.",
      { cause: error },
    );
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

function joined(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
