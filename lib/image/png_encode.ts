import { constants, createDeflate } from "node:zlib";
import type { Metadata } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { PNG_SIGNATURE, pngChunk, pngChunkParts } from "./png_chunks.ts";
import { bandsOf, type Rows } from "./rows.ts";

/**
 * Level and filter: on photographs the Up filter at level 3 makes half the
 * bytes of no filter, three times as fast as the default level.
 */
const LEVEL = 3;
const FILTER_UP = 2;

/** PNG colour types, by their channels. */
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;

/**
 * Writes an 8-bit PNG: a picture as RGB where every pixel is opaque and RGBA
 * elsewhere, a mask as grey. The same pixels make the same bytes: no time is
 * written.
 */
export async function encodePng(
  rows: Rows,
  { icc, exif }: Metadata = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const opaque = await filtered(rows, rows.channels === 1 ? 1 : 3);
  const { channels, bytes } = opaque ?? (await filtered(rows, 4))!;
  const header = new Uint8Array(13);
  const view = viewOf(header);
  view.setUint32(0, rows.width);
  view.setUint32(4, rows.height);
  view.setUint8(8, 8);
  view.setUint8(9, COLOUR_TYPE[channels]);
  return concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", header),
    ...(icc
      ? [
        pngChunk(
          "iCCP",
          concat([latin1("ICC profile\0\0"), ...await deflated(icc)]),
        ),
      ]
      : []),
    ...(exif ? [pngChunk("eXIf", exif)] : []),
    ...pngChunkParts("IDAT", await deflated(bytes, LEVEL)),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

/** Filtered rows. */
interface Filtered {
  readonly channels: 1 | 3 | 4;
  /** After one byte each that names their filter. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All rows less what is above them; `null` where 3 channels do not say all, since a pixel is not opaque. */
async function filtered(
  rows: Rows,
  channels: Filtered["channels"],
): Promise<Filtered | null> {
  const step = rows.channels;
  const rowBytes = step * rows.width;
  const bytes = new Uint8Array(rows.height * (1 + channels * rows.width));
  let out = 0;
  const above = new Uint8Array(rowBytes);
  for await (const { height, data } of bandsOf(rows)) {
    for (let y = 0; y < height; y++) {
      const row = data.subarray(y * rowBytes, (y + 1) * rowBytes);
      bytes[out++] = FILTER_UP;
      for (let at = 0; at < rowBytes; at += step) {
        if (channels === 3 && row[at + 3] !== 255) return null;
        for (let c = 0; c < channels; c++) {
          bytes[out++] = row[at + c]! - above[at + c]!;
        }
      }
      above.set(row);
    }
  }
  return { channels, bytes };
}

/** Deflated bytes, in parts. */
async function deflated(
  bytes: Uint8Array,
  level = constants.Z_DEFAULT_COMPRESSION,
): Promise<Uint8Array[]> {
  const stream = createDeflate({ level });
  // All at once: zlib's choices depend on how much it sees ahead.
  stream.end(bytes);
  return await Array.fromAsync(stream as AsyncIterable<Uint8Array>);
}
