/** Limits a restoration to the caller's mask and strength. */
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";
import { emptyRaster, type PackedRaster } from "./planes.ts";

/**
 * I + strength * u (J - I), for the pixels of an image I and of a restored one
 * J, RGBA: where u is 0, pixels keep their bytes.
 *
 * @param mask u of their size, 0..255; `null` for 255 everywhere.
 * @param strength 0..1
 */
export function blendByMask(
  before: Uint8ClampedArray,
  after: Uint8ClampedArray,
  size: Size,
  mask: Mask | null,
  strength: number,
): PackedRaster {
  const blended = emptyRaster(size);
  const { data, pixels } = blended;
  for (let i = 0; i < pixels.length; i++) {
    const weight = mask === null ? strength : strength * mask.data[i]! / 255;
    for (let at = 4 * i; at < 4 * i + 4; at++) {
      data[at] = before[at]! + weight * (after[at]! - before[at]!);
    }
  }
  return blended;
}
