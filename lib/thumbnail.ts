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
  return average(width, height, 3, (y, line) => {
    let at = y * width;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[at++]!;
      line[x] = pixel & 255;
      line[x + width] = pixel >>> 8 & 255;
      line[x + 2 * width] = pixel >>> 16 & 255;
    }
  });
}

/** The mask averaged over areas as {@linkcode thumbnail}, one plane. */
export function maskThumbnail(
  { width, height, data }: Mask,
): Float32Array<ArrayBuffer> {
  return average(width, height, 1, (y, line) => {
    line.set(data.subarray(y * width, (y + 1) * width));
  });
}

/**
 * Cell i of n averages the pixels floor(i L / n) to ceil((i + 1) L / n), as
 * PyTorch's `adaptive_avg_pool2d` does: the networks were trained with it.
 *
 * @param read Writes row `y`, planes one after the other, as bytes' values.
 */
function average(
  width: number,
  height: number,
  channels: number,
  read: (y: number, line: Uint8Array) => void,
): Float32Array<ArrayBuffer> {
  const cells = channels * THUMB;
  const sums = new Float64Array(cells * THUMB);
  const line = new Uint8Array(channels * width);
  const across = new Float64Array(cells);
  for (let y = 0; y < height; y++) {
    read(y, line);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < THUMB; i++) {
        const to = c * width + windowEnd(i, width);
        let sum = 0;
        for (let x = c * width + windowStart(i, width); x < to; x++) {
          sum += line[x]!;
        }
        across[c * THUMB + i] = sum;
      }
    }
    // Windows share a row, or several where the picture is small.
    const first = Math.max(0, Math.floor(y * THUMB / height) - 1);
    for (let j = first; j < THUMB && windowStart(j, height) <= y; j++) {
      if (windowEnd(j, height) <= y) continue;
      for (let i = 0; i < cells; i++) sums[j * cells + i]! += across[i]!;
    }
  }
  const thumb = new Float32Array(cells * THUMB);
  for (let c = 0; c < channels; c++) {
    for (let j = 0; j < THUMB; j++) {
      const rows = windowEnd(j, height) - windowStart(j, height);
      for (let i = 0; i < THUMB; i++) {
        const area = rows * (windowEnd(i, width) - windowStart(i, width));
        thumb[(c * THUMB + j) * THUMB + i] = sums[j * cells + c * THUMB + i]! /
          (area * 255);
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
