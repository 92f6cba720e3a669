/**
 * Mirrors images left to right, and back what networks say of them. The mean
 * of what a network says of an image and of its mirror image is better than
 * either, since it is wrong in other places (a self-ensemble: Lim et al.,
 * "Enhanced Deep Residual Networks for Single Image Super-Resolution", 2017).
 */
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";
import { BilinearRows } from "./bilinear.ts";
import { CORRECTED, type Correction } from "./color_correction.ts";
import { emptyRaster, type PackedRaster } from "./planes.ts";

/** The mirror image. */
export function mirrorImage(image: PackedRaster): PackedRaster {
  const mirrored = emptyRaster(image);
  reverseRows(image.pixels, mirrored.pixels, image.width);
  return mirrored;
}

/** The mask of the mirror image, or the image's of that one's. */
export function mirrorMask({ width, height, data }: Mask): Mask {
  const mirrored = new Uint8Array(data.length);
  reverseRows(data, mirrored, width);
  return { width, height, data: mirrored };
}

/**
 * The image's correction from that of its mirror image. Both are padded at the
 * right, so a sample of one may lie between two of the other.
 *
 * @param seen Size of the network's input without padding.
 */
export function mirrorCorrection(
  correction: Correction,
  seen: Size,
): Correction {
  const { width, height, data } = correction;
  const rows = new BilinearRows(
    correction,
    { width, height },
    { width: 1, height: 1 },
    seen.width / CORRECTED,
  );
  const mirrored = new Float32Array(data.length);
  const row = new Float32Array(data.length / height);
  for (let y = 0; y < height; y++) {
    rows.read(y, row);
    for (let from = 0, to = y * width; from < row.length; from += width) {
      mirrored.set(row.subarray(from, from + width), to);
      to += width * height;
    }
  }
  return { width, height, data: mirrored };
}

/** The mean of two masks of one size. */
export function meanMask(a: Mask, b: Mask): Mask {
  const data = a.data.map((value, i) => Math.round((value + b.data[i]!) / 2));
  return { width: a.width, height: a.height, data };
}

/** The mean of two corrections of one size. */
export function meanCorrection(a: Correction, b: Correction): Correction {
  const data = a.data.map((value, i) => (value + b.data[i]!) / 2);
  return { width: a.width, height: a.height, data };
}

function reverseRows<T extends Uint8Array | Uint32Array>(
  from: T,
  to: T,
  width: number,
): void {
  for (let start = 0; start < from.length; start += width) {
    const row = to.subarray(start, start + width);
    row.set(from.subarray(start, start + width));
    row.reverse();
  }
}
