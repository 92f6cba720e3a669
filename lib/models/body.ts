/** Bodies of answers, piece by piece. */
import { LimpidError } from "../errors.ts";
import { BodyReader } from "./body_reader.ts";
import { type RetryPolicy, withRetries } from "./retry.ts";
import { sendRequest } from "./http_request.ts";
import type { RemoteFile } from "./source.ts";

/**
 * A body as the file it stands for: some servers compress though asked not to.
 *
 * @throws {LimpidError} `model-missing` for an encoding that is not known.
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
 * A small file, whole.
 *
 * @param most Bytes after which reading stops: of a longer file comes its
 * beginning, longer than `most`.
 * @throws {LimpidError} `model-missing`, `aborted`
 */
export async function fetchSmall(
  file: RemoteFile,
  most: number,
  retryPolicy: RetryPolicy,
  signal: AbortSignal | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const headers = { "accept-encoding": "identity" };
  return await withRetries(retryPolicy, signal, file.shown, async (attempt) => {
    const request = { headers, signal: attempt.signal };
    const response = await sendRequest(
      file,
      request,
      [200],
      retryPolicy.idleTimeoutMs,
    );
    using reader = new BodyReader(
      decodedBody(response, file),
      retryPolicy.idleTimeoutMs,
    );
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length <= most) {
      const piece = await reader.next(attempt.signal);
      if (piece === null) break;
      pieces.push(piece.slice());
      length += piece.length;
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  });
}
