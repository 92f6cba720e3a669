import type { DeepRaster } from "../pixels/deep_raster.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Raster } from "../types.ts";
import type { Orientation } from "./header.ts";
import { sharedDeepPixels, sharedPixels } from "./shared_pixels.ts";

/**
 * For each orientation: whether rows and columns are exchanged, and whether the
 * stored image is read from its right and from its bottom edge (EXIF 2.32,
 * section 4.6.4.A, Orientation).
 */
const READING: Readonly<
  Record<Orientation, { swap: boolean; right: boolean; bottom: boolean }>
> = {
  1: { swap: false, right: false, bottom: false },
  2: { swap: false, right: true, bottom: false },
  3: { swap: false, right: true, bottom: true },
  4: { swap: false, right: false, bottom: true },
  5: { swap: true, right: false, bottom: false },
  6: { swap: true, right: false, bottom: true },
  7: { swap: true, right: true, bottom: true },
  8: { swap: true, right: true, bottom: false },
};

/** Rows processed together, so that a turned image is read by cache lines. */
const BAND = 16;

/**
 * Turns a stored image upright. Orientation 1 returns the raster itself, the
 * others a new one with the same pixels.
 *
 * @example
 * ```ts
 * import { orient } from "./orient.ts";
 * import assert from "node:assert/strict";
 *
 * const wide = { width: 2, height: 1, data: Uint8Array.of(1, 1, 1, 255, 2, 2, 2, 255) };
 * assert.deepEqual(orient(wide, 2).data, Uint8Array.of(2, 2, 2, 255, 1, 1, 1, 255));
 * ```
 */
export function orient(raster: Raster, orientation: Orientation): Raster {
  return turned(raster, 1, orientation, sharedPixels);
}

/** As {@linkcode orient}, of 16 bits a sample. */
export function orientDeep(
  raster: DeepRaster,
  orientation: Orientation,
): DeepRaster {
  return turned(raster, 2, orientation, sharedDeepPixels);
}

/**
 * @param words How many 32-bit words a pixel has.
 * @param memory For so many pixels.
 */
function turned<R extends Raster | DeepRaster>(
  raster: R,
  words: number,
  orientation: Orientation,
  memory: (pixels: number) => R["data"],
): R | (Size & { readonly data: R["data"] }) {
  if (orientation === 1) return raster;
  const size = turnedSize(raster, orientation);
  const data = memory(size.width * size.height);
  const to = new Uint32Array(data.buffer);
  turn(raster, pixelWords(raster), to, words, orientation);
  return { ...size, data };
}

function turnedSize({ width, height }: Size, orientation: Orientation): Size {
  return READING[orientation].swap
    ? { width: height, height: width }
    : { width, height };
}

function turn(
  stored: Size,
  from: Uint32Array,
  to: Uint32Array,
  words: number,
  orientation: Orientation,
): void {
  const { swap, right, bottom } = READING[orientation];
  const { width, height } = turnedSize(stored, orientation);

  // Steps through the stored words for one step right and one step down.
  const alongStoredRow = right ? -words : words;
  const alongStoredColumn = words * (bottom ? -stored.width : stored.width);
  const origin = words * ((right ? stored.width - 1 : 0) +
    (bottom ? (stored.height - 1) * stored.width : 0));
  const stepX = swap ? alongStoredColumn : alongStoredRow;
  const stepY = swap ? alongStoredRow : alongStoredColumn;

  for (let top = 0; top < height; top += BAND) {
    const end = Math.min(height, top + BAND);
    for (let x = 0; x < width; x++) {
      for (let y = top; y < end; y++) {
        const at = words * (y * width + x);
        const of = origin + x * stepX + y * stepY;
        for (let i = 0; i < words; i++) to[at + i] = from[of + i]!;
      }
    }
  }
}

/** The pixels as 32-bit words. */
function pixelWords({ data }: Raster | DeepRaster): Uint32Array {
  // A view needs an offset that is a multiple of 4; other bytes are copied.
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  return new Uint32Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / 4,
  );
}
