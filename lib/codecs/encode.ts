import type { Metadata } from "./header.ts";
import { LimpidError } from "../errors.ts";
import { checkQuality } from "../options.ts";
import {
  OUTPUT_FORMATS,
  type OutputFormat,
  type Quality,
  type Raster,
} from "../types.ts";
import { carriedMetadata, isWrittenGrey } from "./metadata.ts";
import { formatNames, FORMATS } from "../formats.ts";
import type { Size } from "../tiling/tile_plan.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { ENCODERS } from "./table.ts";

/** How an image is written. */
export interface EncodeOptions {
  readonly format: OutputFormat;
  /** 1..100 for JPEG, WebP and AVIF, default 92, `lossless` for WebP; PNG and TIFF are lossless. */
  readonly quality?: Quality;
  /** Metadata, written where the format has a place for it. */
  readonly metadata?: Metadata;
  /**
   * Whether the image came with one channel; it is written so where the format
   * can. Its pixels must be neutral.
   */
  readonly grey?: boolean;
}

/** Good for photographs. */
export const DEFAULT_QUALITY = 92;

/**
 * Writes an image as a PNG or TIFF (lossless, deterministic), JPEG (4:4:4 or grey, alpha over
 * white), WebP (lossless, or lossy with lossless alpha) or AVIF (4:4:4).
 *
 * @throws {LimpidError} `invalid-option` for an unknown format, a quality
 * outside 1..100, a raster whose data does not fit its size, or a size that the
 * format cannot hold.
 *
 * @example
 * ```ts
 * import { encode } from "./encode.ts";
 * import { readHeader } from "./read_header.ts";
 * import assert from "node:assert/strict";
 *
 * const white = { width: 8, height: 8, data: new Uint8Array(256).fill(255) };
 * const webp = await encode(white, { format: "webp" });
 * assert.equal(readHeader(webp).info.format, "webp");
 * ```
 */
export async function encode(
  raster: Raster,
  options: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return await encodeRows(rowsOf(raster), options);
}

/**
 * As {@linkcode encode}, for an image that is read row by row. A mask is
 * written as PNG only: grey, 0 black and 255 white.
 */
export async function encodeRows(
  rows: Rows,
  { format, quality = DEFAULT_QUALITY, metadata = {}, grey = false }:
    EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (quality !== "lossless" && !(quality >= 1 && quality <= 100)) {
    throw new LimpidError(
      "invalid-option",
      `The quality must be from 1 to 100 or lossless, not ${quality}.`,
    );
  }
  if (!OUTPUT_FORMATS.includes(format)) {
    throw new LimpidError(
      "invalid-option",
      `The format "${format}" cannot be written; choose ${
        OUTPUT_FORMATS.join(", ")
      }.`,
    );
  }
  checkQuality(quality, format);
  checkSize(rows, format);
  const { metadata: carried } = carriedMetadata(metadata, format, grey);
  const asGrey = isWrittenGrey(metadata, format, grey);
  return await ENCODERS[format](rows, quality, carried, asGrey);
}

/** Refuses an image whose sides are too long, or that is too large, for the format. */
function checkSize(size: Size, format: OutputFormat): void {
  if (holds(format, size)) return;
  const { name, written: { maxSide, maxPixels } } = FORMATS[format];
  const { width, height } = size;
  const others = OUTPUT_FORMATS.filter((other) => holds(other, size));
  throw new LimpidError(
    "invalid-option",
    `${name} holds at most ${
      Math.max(width, height) > maxSide
        ? `${maxSide} pixels a side`
        : `${maxPixels} pixels`
    }, the image is ${width}x${height}; write ${
      formatNames(others, "or")
    } instead.`,
  );
}

function holds(format: OutputFormat, { width, height }: Size): boolean {
  const { maxSide, maxPixels } = FORMATS[format].written;
  return Math.max(width, height) <= maxSide && width * height <= maxPixels;
}
