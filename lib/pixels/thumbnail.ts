/**
 * The whole image in 128 by 128 pixels, which tells each tile's network about
 * the rest of the image.
 */
import { sumAreas } from "./area_sums.ts";
import type { PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/** Side of a thumbnail in pixels. */
export const THUMB = 128;
const SIZE: Size = { width: THUMB, height: THUMB };

/**
 * Red, green and blue averaged over areas, 0..1, as planes one after the other.
 *
 * @param size Size of the planes. Default: 128 by 128; the aspect ratio is not
 * kept.
 */
export function thumbnail(
  image: PackedRaster,
  size: Size = SIZE,
): Float32Array<ArrayBuffer> {
  const means = new Float32Array(3 * size.width * size.height);
  sumColours(image, size, (at, sum, count) => means[at] = sum / (count * 255));
  return means;
}

/** Sums red, green and blue over areas, as planes; see `sumAreas`. */
export function sumColours(
  { width, height, pixels }: PackedRaster,
  size: Size,
  take: (at: number, sum: number, count: number) => void,
): void {
  const add = (y: number, sums: Uint32Array): void => {
    let at = y * width;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[at++]!;
      sums[x]! += pixel & 255;
      sums[x + width]! += pixel >>> 8 & 255;
      sums[x + 2 * width]! += pixel >>> 16 & 255;
    }
  };
  sumAreas({ width, height }, 3, size, add, take);
}

/** The mask averaged over areas as in {@linkcode thumbnail}, as one plane. */
export function maskThumbnail(
  { width, height, data }: Mask,
  size: Size = SIZE,
): Float32Array<ArrayBuffer> {
  const means = new Float32Array(size.width * size.height);
  const add = (y: number, sums: Uint32Array): void => {
    let at = y * width;
    for (let x = 0; x < width; x++) sums[x]! += data[at++]!;
  };
  sumAreas({ width, height }, 1, size, add, (at, sum, count) => {
    means[at] = sum / (count * 255);
  });
  return means;
}
