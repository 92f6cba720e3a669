import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { Mask, Metadata, Raster } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { PNG_SIGNATURE, pngChunk } from "./png_chunks.ts";

/**
 * Level and filter: on photographs the Up filter at level 3 makes half the
 * bytes of no filter, three times as fast as the default level.
 */
const LEVEL = 3;
const FILTER_UP = 2;

/** PNG colour types, by their channels. */
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;

/**
 * Writes an 8-bit PNG, RGB where every pixel is opaque and RGBA elsewhere. The
 * same pixels make the same bytes: no time is written.
 */
export function encodePng(
  raster: Raster,
  metadata: Metadata = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, data } = raster;
  const channels = isOpaque(raster) ? 3 : 4;
  const rowBytes = width * channels;
  // Every row follows one byte that names its filter.
  const filtered = new Uint8Array(height * (1 + rowBytes));
  let out = 0;
  for (let y = 0; y < height; y++) {
    filtered[out++] = FILTER_UP;
    let at = 4 * width * y;
    const end = at + 4 * width;
    const up = y === 0 ? Infinity : 4 * width;
    for (; at < end; at += 4) {
      for (let c = 0; c < channels; c++) {
        filtered[out++] = data[at + c]! - (data[at + c - up] ?? 0);
      }
    }
  }
  return packPng(width, height, channels, filtered, metadata);
}

/**
 * Writes a mask as an 8-bit grey PNG, 0 black and 255 white.
 *
 * @example
 * ```ts
 * import { encodeGreyPng } from "./png_encode.ts";
 * import { probe } from "./probe.ts";
 * import assert from "node:assert/strict";
 *
 * const png = await encodeGreyPng({ width: 3, height: 1, data: Uint8Array.of(0, 128, 255) });
 * assert.equal(probe(png).width, 3);
 * ```
 */
export function encodeGreyPng(mask: Mask): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, data } = mask;
  const filtered = new Uint8Array(height * (1 + width));
  let out = 0;
  for (let y = 0; y < height; y++) {
    filtered[out++] = FILTER_UP;
    for (let at = y * width; at < (y + 1) * width; at++) {
      filtered[out++] = data[at]! - (data[at - width] ?? 0);
    }
  }
  return packPng(width, height, 1, filtered, {});
}

async function packPng(
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  filtered: Uint8Array,
  { icc, exif }: Metadata,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = viewOf(header);
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, 8);
  view.setUint8(9, COLOUR_TYPE[channels]);

  const pack = promisify(deflate);
  return concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", header),
    ...(icc
      ? [pngChunk("iCCP", concat([latin1("ICC profile\0\0"), await pack(icc)]))]
      : []),
    ...(exif ? [pngChunk("eXIf", exif)] : []),
    pngChunk("IDAT", await pack(filtered, { level: LEVEL })),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

function isOpaque({ data }: Raster): boolean {
  for (let at = 3; at < data.length; at += 4) {
    if (data[at] !== 255) return false;
  }
  return true;
}
