/**
 * The whole image in 128 by 128 pixels, which tells each tile's network about
 * the rest of the image.
 */
import { areaMean } from "./area_mean.ts";
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
  { width, height, pixels }: PackedRaster,
  size: Size = SIZE,
): Float32Array<ArrayBuffer> {
  return areaMean({ width, height }, 3, size, (y, sums) => {
    let at = y * width;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[at++]!;
      sums[x]! += pixel & 255;
      sums[x + width]! += pixel >>> 8 & 255;
      sums[x + 2 * width]! += pixel >>> 16 & 255;
    }
  });
}

/** The mask averaged over areas as in {@linkcode thumbnail}, as one plane. */
export function maskThumbnail(
  { width, height, data }: Mask,
  size: Size = SIZE,
): Float32Array<ArrayBuffer> {
  return areaMean({ width, height }, 1, size, (y, sums) => {
    let at = y * width;
    for (let x = 0; x < width; x++) sums[x]! += data[at++]!;
  });
}
