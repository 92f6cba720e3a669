/** Limits a restoration to the caller's mask: other pixels keep their bytes. */
import type { Mask } from "../types.ts";
import type { PackedRaster } from "./planes.ts";

/** I + u (J - I), for the pixels of an image I and of a restored one J, RGBA, and a mask u of their size, 0..255. */
export function blendByMask(
  before: Uint8ClampedArray,
  after: Uint8ClampedArray,
  mask: Mask,
): PackedRaster {
  const data = new Uint8ClampedArray(new SharedArrayBuffer(after.length));
  for (let i = 0; i < mask.data.length; i++) {
    const weight = mask.data[i]! / 255;
    for (let at = 4 * i; at < 4 * i + 4; at++) {
      data[at] = before[at]! + weight * (after[at]! - before[at]!);
    }
  }
  const { width, height } = mask;
  return { width, height, data, pixels: new Uint32Array(data.buffer) };
}
