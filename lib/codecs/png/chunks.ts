import { crc32 } from "node:zlib";
import { LimpidError } from "../../errors.ts";
import { concat, latin1, textAt, viewOf } from "../bytes.ts";

/** The eight bytes that every PNG starts with. */
export const PNG_SIGNATURE: Uint8Array<ArrayBuffer> = latin1(
  "\x89PNG\r\n\x1a\n",
);

/**
 * Most chunks that a PNG may have: each takes a few microseconds, even if it is
 * empty. Encoders write pixels in chunks of 8 kB, which makes 16,000 for the
 * longest file that is read by default.
 */
const MAX_PNG_CHUNKS = 200_000;

/** A part of a PNG file. */
export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** The chunk as in the file: length, type, data and CRC. */
  readonly whole: Uint8Array;
  /** Whether the CRC is wrong; only ancillary chunks and IEND may have that. */
  readonly damaged: boolean;
}

/**
 * The chunks of a PNG up to and including IEND, with checked CRCs.
 *
 * @throws {LimpidError} `corrupt-image` where the file ends early, has too many
 * chunks, or a CRC is wrong in a critical chunk.
 */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = viewOf(bytes);
  let at = PNG_SIGNATURE.length;
  for (let count = 1; at + 12 <= bytes.length; count++) {
    if (count > MAX_PNG_CHUNKS) {
      throw new LimpidError(
        "corrupt-image",
        `The PNG is damaged: it has more than ${MAX_PNG_CHUNKS} chunks.`,
      );
    }
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    const type = textAt(bytes, at + 4, 4);
    const damaged =
      crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4);
    // A lower-case first letter marks an ancillary chunk; IEND holds no data.
    const needed = (bytes[at + 4]! & 0x20) === 0 && type !== "IEND";
    if (damaged && needed) {
      throw new LimpidError(
        "corrupt-image",
        `The PNG is damaged: the checksum of its ${
          printable(type)
        } chunk at byte ${at} is wrong.`,
      );
    }
    yield {
      type,
      data: bytes.subarray(at + 8, end - 4),
      whole: bytes.subarray(at, end),
      damaged,
    };
    if (type === "IEND") return;
    at = end;
  }
  throw new LimpidError(
    "corrupt-image",
    `The PNG is truncated: it ends after ${bytes.length} bytes without its end mark.`,
  );
}

/** A chunk as bytes. */
export function pngChunk(
  type: string,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(pngChunkParts(type, [data]));
}

/** A chunk whose data is given in parts, as parts to be joined. */
export function pngChunkParts(
  type: string,
  data: readonly Uint8Array[],
): Uint8Array[] {
  const name = latin1(type);
  const length = data.reduce((sum, part) => sum + part.length, 0);
  const sum = [name, ...data].reduce((sum, part) => crc32(part, sum), 0);
  return [uint32(length), name, ...data, uint32(sum)];
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

/** A chunk's name without control characters. */
export function printable(type: string): string {
  return /^[A-Za-z]{4}$/.test(type) ? type : "unnamed";
}
