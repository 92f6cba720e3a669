/** The whole picture in 128 by 128 pixels: what a tile cannot know of the rest. */
import type { PackedRaster } from "./planar.ts";
import type { Mask } from "./types.ts";

/** Side of a thumbnail in pixels. */
export const THUMB = 128;

/**
 * Red, green and blue averaged over areas, 0..1, planes of 128 by 128. The
 * aspect ratio is not kept.
 */
export function thumbnail(
  { width, height, pixels }: PackedRaster,
): Float32Array<ArrayBuffer> {
  return average(width, height, 3, (y, sums) => {
    let at = y * width;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[at++]!;
      sums[x]! += pixel & 255;
      sums[x + width]! += pixel >>> 8 & 255;
      sums[x + 2 * width]! += pixel >>> 16 & 255;
    }
  });
}

/** The mask averaged over areas as {@linkcode thumbnail}, one plane. */
export function maskThumbnail(
  { width, height, data }: Mask,
): Float32Array<ArrayBuffer> {
  return average(width, height, 1, (y, sums) => {
    let at = y * width;
    for (let x = 0; x < width; x++) sums[x]! += data[at++]!;
  });
}

/**
 * Cell i of n averages the pixels floor(i L / n) to ceil((i + 1) L / n), as
 * PyTorch's `adaptive_avg_pool2d` does: the networks were trained with it.
 *
 * @param add Adds row `y` to the sums of columns, planes one after the other, as bytes' values.
 */
function average(
  width: number,
  height: number,
  channels: number,
  add: (y: number, sums: Uint32Array) => void,
): Float32Array<ArrayBuffer> {
  const thumb = new Float32Array(channels * THUMB * THUMB);
  // At most 50 MP of 255 in 128 windows: they fit.
  const columns = new Uint32Array(channels * width);
  for (let j = 0; j < THUMB; j++) {
    columns.fill(0);
    const [top, bottom] = [windowStart(j, height), windowEnd(j, height)];
    for (let y = top; y < bottom; y++) add(y, columns);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < THUMB; i++) {
        const [left, right] = [windowStart(i, width), windowEnd(i, width)];
        let sum = 0;
        for (let x = left; x < right; x++) sum += columns[c * width + x]!;
        thumb[(c * THUMB + j) * THUMB + i] = sum /
          ((bottom - top) * (right - left) * 255);
      }
    }
  }
  return thumb;
}

function windowStart(i: number, length: number): number {
  return Math.floor(i * length / THUMB);
}

function windowEnd(i: number, length: number): number {
  return Math.ceil((i + 1) * length / THUMB);
}
