/** Tells how much of an image's fine detail is damage, from what was restored of its coarse structure. */
import type { PackedRaster } from "./planes.ts";

/** Half the side of the window in which restoration and image are compared, and of that over which shares are averaged. */
const WINDOW = 2, AVERAGED = 1;
/** Variance of the luminance, in squared byte values, below which there is nothing to compare. */
const FLAT = 30;
/** Shares up to this may come from chance; those above are stretched to 0..1. */
const CHANCE = 0.2;

/**
 * The share of the detail around each pixel that goes with its damage, 0..1.
 *
 * A streak that was taken away is a correction that mirrors the image: where the streak is bright, the correction is dark. Fitting
 * C = b - s I in a window, with the luminance of the correction C and of the image I (the guided filter's regression: He, Sun
 * and Tang, ECCV 2010), gives s = -cov(I, C) / (var(I) + e): 1 where all structure is damage, 0 where the correction is smooth
 * or has nothing to do with the image.
 *
 * @param restored The same image, restored.
 */
export function damagedDetail(
  image: PackedRaster,
  restored: PackedRaster,
): Float32Array {
  const { width, height } = image;
  const size = width * height;
  const seen = new Float32Array(size);
  const change = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    seen[i] = luminance(image.data, 4 * i);
    change[i] = luminance(restored.data, 4 * i) - seen[i]!;
  }
  const product = seen.map((value, i) => value * change[i]!);
  const square = seen.map((value) => value * value);
  const means = [seen, change, product, square].map((plane) =>
    averaged(plane, width, height, WINDOW)
  );
  const [i, c, ic, ii] = means as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const shares = i.map((mean, at) => {
    const covariance = ic[at]! - mean * c[at]!;
    const variance = ii[at]! - mean * mean;
    return Math.min(1, Math.max(0, -covariance / (variance + FLAT)));
  });
  return averaged(shares, width, height, AVERAGED)
    .map((share) => Math.max(0, (share - CHANCE) / (1 - CHANCE)));
}

/** ITU-R BT.601 luma, in byte values. */
function luminance(
  data: Uint8ClampedArray | Uint8Array,
  at: number,
): number {
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}

/** Means over windows of (2 radius + 1) pixels a side, as far as they lie in the plane. */
function averaged(
  plane: Float32Array,
  width: number,
  height: number,
  radius: number,
): Float32Array {
  const across = new Float32Array(plane.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const from = Math.max(0, x - radius);
      const to = Math.min(width - 1, x + radius);
      let sum = 0;
      for (let k = from; k <= to; k++) sum += plane[at - x + k]!;
      across[at] = sum / (to - from + 1);
    }
  }
  const means = new Float32Array(plane.length);
  for (let y = 0, at = 0; y < height; y++) {
    const from = Math.max(0, y - radius);
    const to = Math.min(height - 1, y + radius);
    for (let x = 0; x < width; x++, at++) {
      let sum = 0;
      for (let k = from; k <= to; k++) sum += across[k * width + x]!;
      means[at] = sum / (to - from + 1);
    }
  }
  return means;
}
