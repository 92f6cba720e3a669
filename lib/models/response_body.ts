/** Reads bodies of answers piece by piece. */
import { LimpidError } from "../errors.ts";
import {
  type RetryPolicy,
  TransientError,
  within,
  withRetries,
} from "./retry.ts";
import { sendRequest } from "./http_request.ts";
import type { RemoteFile } from "./source.ts";

/**
 * The pieces of a body. Leaving the loop early cancels the rest.
 *
 * @param idleTimeoutMs Milliseconds that the server may send nothing.
 * @throws {TransientError} where the connection breaks or stalls
 */
export async function* piecesOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  idleTimeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  try {
    for (;;) {
      let read;
      try {
        read = await within(idleTimeoutMs, reader.read());
      } catch (error) {
        if (signal.aborted || error instanceof TransientError) throw error;
        throw new TransientError("the connection broke", 0, error);
      }
      if (read.done) return;
      yield read.value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Decompresses a body: some servers compress although asked not to.
 *
 * @throws {LimpidError} `model-missing` for an unknown encoding.
 */
export function decodedBody(
  { body, headers }: Response,
  { shown }: RemoteFile,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes: ReadableStream<Uint8Array<ArrayBuffer>> = body ??
    new Blob().stream();
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding === "identity") return bytes;
  if (coding === "gzip" || coding === "deflate") {
    return bytes.pipeThrough(new DecompressionStream(coding));
  }
  bytes.cancel().catch(() => {});
  throw new LimpidError(
    "model-missing",
    `${shown} cannot be fetched: the server sends it encoded, which was not asked for; check the server's compression.`,
  );
}

/**
 * Fetches a small file.
 *
 * @param most Bytes after which reading stops; of a longer file its beginning
 * is returned, which is longer than `most`.
 * @throws {LimpidError} `model-missing`, `aborted`
 */
export async function fetchSmall(
  file: RemoteFile,
  most: number,
  retryPolicy: RetryPolicy,
  signal: AbortSignal | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const headers = { "accept-encoding": "identity" };
  const { idleTimeoutMs } = retryPolicy;
  return await withRetries(retryPolicy, signal, file.shown, async (attempt) => {
    const request = { headers, signal: attempt.signal };
    const response = await sendRequest(file, request, [200], idleTimeoutMs);
    const body = decodedBody(response, file);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const piece of piecesOf(body, idleTimeoutMs, attempt.signal)) {
      pieces.push(piece);
      length += piece.length;
      if (length > most) break;
    }
    return await new Blob(pieces).bytes();
  });
}
