/** Samples of an image: parts of it, evenly spread, joined to one small image. */
import { emptyRaster, type PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";

/** Side of a sample in pixels at most. */
const SIDE = 256;
/** Samples across and down. */
const GRID = 3;

/** Size of the samples of an image. */
export function samplesSize({ width, height }: Size): Size {
  const side = (length: number): number =>
    GRID * Math.min(SIDE, Math.floor(length / GRID));
  return { width: side(width), height: side(height) };
}

/** The samples of an image. */
export function samplesOf(
  { width, height, pixels }: PackedRaster,
): PackedRaster {
  const size = samplesSize({ width, height });
  const [across, down] = [size.width / GRID, size.height / GRID];
  const samples = emptyRaster(size);
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const left = sampleStart(column, width, across);
      const top = sampleStart(row, height, down);
      for (let y = 0; y < down; y++) {
        const from = (top + y) * width + left;
        samples.pixels.set(
          pixels.subarray(from, from + across),
          (row * down + y) * size.width + column * across,
        );
      }
    }
  }
  return samples;
}

/** Where a sample begins: it lies in the middle of its part of the image. */
function sampleStart(index: number, length: number, side: number): number {
  return Math.floor(((2 * index + 1) * length - GRID * side) / (2 * GRID));
}
