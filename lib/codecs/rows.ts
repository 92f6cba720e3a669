/** An image that encoders read a few rows at a time, without copying it all. */
import { LimpidError } from "../errors.ts";
import type { Depth, Raster } from "../types.ts";

/** An image whose rows are read on demand. */
export interface Rows {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel: 4 for RGBA, 1 for a mask. */
  readonly channels: 4 | 1;
  /** Bits of a sample; those of 16 bits have their high byte first. */
  readonly depth: Depth;
  /**
   * Returns the rows from `from` up to, but not including, `to`. The caller
   * must not write to them; they are valid until the next call.
   */
  read(from: number, to: number): Promise<Uint8Array | Uint8ClampedArray>;
}

/** Consecutive rows. */
export interface Band {
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Approximate bytes of a band: far fewer than an image's, but enough to make
 * the fixed cost of a band negligible.
 */
const BAND_BYTES = 2 ** 20;

/** Number of rows in a band: a multiple of 8, the height of JPEG's blocks. */
export function bandHeight(width: number): number {
  return 8 * Math.max(1, Math.floor(BAND_BYTES / (8 * 4 * width)));
}

/**
 * The rows of an image, or of a mask, in memory.
 *
 * @throws {LimpidError} `invalid-option` where the data does not fit the size.
 */
export function rowsOf(
  { width, height, data }: Raster,
  channels: Rows["channels"] = 4,
): Rows {
  const bytes = channels * width;
  if (
    !Number.isInteger(width) || !Number.isInteger(height) || width < 1 ||
    height < 1 || data.length !== bytes * height
  ) {
    throw new LimpidError(
      "invalid-option",
      `An image of ${width}x${height} needs ${
        bytes * height
      } bytes, not ${data.length}.`,
    );
  }
  return {
    width,
    height,
    channels,
    depth: 8,
    read: (from, to) =>
      Promise.resolve(data.subarray(from * bytes, to * bytes)),
  };
}

/** Bytes of a row. */
export function rowBytes(
  { width, channels, depth }: Pick<Rows, "width" | "channels" | "depth">,
): number {
  return width * channels * depth / 8;
}

/**
 * An image from top to bottom in bands of {@linkcode bandHeight} rows; the last
 * may have fewer.
 */
export async function* bandsOf(rows: Rows): AsyncGenerator<Band> {
  const step = bandHeight(rows.width);
  for (let from = 0; from < rows.height; from += step) {
    const to = Math.min(rows.height, from + step);
    yield { height: to - from, data: await rows.read(from, to) };
  }
}
