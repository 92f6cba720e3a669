/** Limits a restoration to the caller's mask: other pixels keep their bytes. */
import type { Mask } from "../types.ts";
import type { PackedRaster } from "./planes.ts";

/** I + u (J - I), for an image I, a restored one J of the same size and a mask u of that size, 0..255. */
export function blendByMask(
  before: PackedRaster,
  after: PackedRaster,
  mask: Mask,
): PackedRaster {
  if (after === before) return after;
  const data = new Uint8ClampedArray(new SharedArrayBuffer(after.data.length));
  for (let i = 0; i < mask.data.length; i++) {
    const weight = mask.data[i]! / 255;
    for (let at = 4 * i; at < 4 * i + 4; at++) {
      data[at] = before.data[at]! +
        weight * (after.data[at]! - before.data[at]!);
    }
  }
  const { width, height } = after;
  return { width, height, data, pixels: new Uint32Array(data.buffer) };
}
