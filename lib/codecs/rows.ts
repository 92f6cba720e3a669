/** An image from which encoders take a few rows at a time, so that they need no copy of the whole. */
import { LimpidError } from "../errors.ts";
import type { Raster } from "../types.ts";

/** Rows of pixels that are had when they are asked for. */
export interface Rows {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: RGBA, or a mask. */
  readonly channels: 4 | 1;
  /**
   * The rows from `from` up to, and not with, `to`. What comes must not be
   * written to, and is good until the next call.
   */
  read(from: number, to: number): Promise<Uint8Array | Uint8ClampedArray>;
}

/** Some rows. */
export interface Band {
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What a band takes about: much less than an image, and work enough for what a band costs beside its pixels. */
const BAND_BYTES = 2 ** 20;

/** Rows of a band: a multiple of 8, the height of JPEG's blocks. */
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
  const rowBytes = channels * width;
  if (
    !Number.isInteger(width) || !Number.isInteger(height) || width < 1 ||
    height < 1 || data.length !== rowBytes * height
  ) {
    throw new LimpidError(
      "invalid-option",
      `An image of ${width}x${height} needs ${
        rowBytes * height
      } bytes, not ${data.length}.`,
    );
  }
  return {
    width,
    height,
    channels,
    read: (from, to) =>
      Promise.resolve(data.subarray(from * rowBytes, to * rowBytes)),
  };
}

/** An image from top to bottom, {@linkcode bandHeight} rows at a time, at last fewer. */
export async function* bandsOf(rows: Rows): AsyncGenerator<Band> {
  const step = bandHeight(rows.width);
  for (let from = 0; from < rows.height; from += step) {
    const to = Math.min(rows.height, from + step);
    yield { height: to - from, data: await rows.read(from, to) };
  }
}
