import { LimpidError } from "../../errors.ts";
import { concat, latin1, textAt, viewOf } from "../bytes.ts";

/** Most chunks that a still WebP may have. */
const MAX_WEBP_CHUNKS = 10_000;

/** A part of a WebP file. */
export interface WebpChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * The chunks of a WebP file, in order (RFC 9649, section 2.3).
 *
 * @throws {LimpidError} `corrupt-image` where the file ends early or has too
 * many chunks.
 */
export function* webpChunks(bytes: Uint8Array): Generator<WebpChunk> {
  const view = viewOf(bytes);
  const end = bytes.length < 12 ? Infinity : 8 + view.getUint32(4, true);
  let at = 12;
  for (let count = 1; at + 8 <= Math.min(end, bytes.length); count++) {
    if (count > MAX_WEBP_CHUNKS) {
      throw new LimpidError(
        "corrupt-image",
        `The WebP is damaged: it has more than ${MAX_WEBP_CHUNKS} chunks.`,
      );
    }
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > bytes.length) break;
    yield {
      type: textAt(bytes, at, 4),
      data: bytes.subarray(at + 8, at + 8 + length),
    };
    at += 8 + length + (length & 1);
  }
  if (at < end) {
    throw new LimpidError(
      "corrupt-image",
      `The WebP is truncated: it ends after ${bytes.length} bytes, within a chunk.`,
    );
  }
}

/** Joins chunks to a WebP file. */
export function webpFile(
  chunks: readonly WebpChunk[],
): Uint8Array<ArrayBuffer> {
  const file = concat([
    latin1("RIFF\0\0\0\0WEBP"),
    ...chunks.flatMap(({ type, data }) => {
      const length = new Uint8Array(4);
      viewOf(length).setUint32(0, data.length, true);
      return [latin1(type), length, data, new Uint8Array(data.length & 1)];
    }),
  ]);
  viewOf(file).setUint32(4, file.length - 8, true);
  return file;
}
