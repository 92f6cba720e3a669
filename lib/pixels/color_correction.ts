/**
 * Applies the colour correction of a network that saw the whole image, reduced,
 * to every pixel of the image.
 */
import { BilinearRows, type Samples } from "./bilinear.ts";
import { BlendWeights, type MaskCurve } from "./mask.ts";
import { SigmaFilter } from "./sigma_filter.ts";
import { emptyRaster, type PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/**
 * Pixels of the network's input along each axis per value of the correction.
 */
export const CORRECTED = 4;

/**
 * Four planes: r of red, green and blue, and k. The restored image is
 * J' = I + k (1 - I) + r: haze mixes in a bright airlight, I = J t + A (1 - t),
 * so white is taken away where k is below 0.
 */
export type Correction = Samples;

/** How an image is corrected. */
export interface ColorCorrection {
  /** Size of the network's input without padding. */
  readonly seen: Size;
  readonly correction: Correction;
  /** Of the image's size. */
  readonly mask: Mask;
  readonly curve: MaskCurve;
  /** The caller's mask, of the image's size. */
  readonly user: Mask | null;
}

/**
 * How much of a pixel's noise is averaged out before it is stretched: nothing
 * where contrast is at most 1.5 times what it was, all from 3 times on. There
 * one level of the file becomes three, and smooth skies would come back in
 * blotches.
 *
 * @param k Of the correction, which stretches contrast by 1 - k.
 */
function calmShare(k: number): number {
  return Math.min(1, Math.max(0, (-k - 0.5) / 1.5));
}

/**
 * The least share of its value that a colour keeps. Where haze is taken for
 * thicker than it is, J' is black or less, and one colour that is cut off turns
 * a grey cliff blue; a scene is rarely black.
 */
export const KEPT = 0.2;

/** A result that is not darker than that: bent off smoothly from twice that on. */
function spared(before: number, after: number): number {
  if (after >= 2 * KEPT * before) return after;
  const dark = Math.max(0, after) ** 2 / (4 * KEPT * Math.max(1, before));
  return KEPT * before + dark;
}

/**
 * I + weight * (J' - I). Only the correction is enlarged (bilinearly), so the
 * image keeps its detail, which comes with I. Where it stretches much, J' is of
 * I without noise; where it darkens much, something of I stays.
 */
export function correct(
  image: PackedRaster,
  { seen, correction, mask, curve, user }: ColorCorrection,
): PackedRaster {
  const { width, height, data } = image;
  const corrected = emptyRaster(image);
  corrected.pixels.set(image.pixels);
  const output = corrected.data;
  const weights = new BlendWeights(mask, curve, user);
  const rows = new BilinearRows(correction, image, {
    width: seen.width / (CORRECTED * width),
    height: seen.height / (CORRECTED * height),
  });
  const row = new Float32Array(4 * width);
  const calmed = new SigmaFilter(image);
  const mean = new Float64Array(3);
  for (let y = 0, pixel = 0; y < height; y++) {
    rows.read(y, row);
    for (let x = 0; x < width; x++, pixel++) {
      const share = weights.at(pixel);
      if (share === 0) continue;
      const white = row[3 * width + x]!;
      const calm = calmShare(white);
      if (calm > 0) calmed.read(x, y, mean);
      for (let c = 0; c < 3; c++) {
        const at = 4 * pixel + c;
        const before = data[at]!;
        const quiet = calm > 0 ? calm * (mean[c]! - before) : 0;
        const change = quiet + white * (255 - before - quiet) +
          255 * row[c * width + x]!;
        output[at] = spared(before, before + share * change);
      }
    }
  }
  return corrected;
}
