/**
 * Applies the colour correction of a network that saw the whole image, reduced,
 * to every pixel of the image.
 */
import { BilinearRows, type Samples } from "./bilinear.ts";
import type { BlendWeights } from "./mask.ts";
import type { PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";

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

/**
 * Writes I + weight * (J' - I) to `output`. Only the correction is enlarged
 * (bilinearly), so the image keeps its detail, which comes with I.
 *
 * @param seen Size of the network's input without padding.
 * @returns how many pixels differ from the image's
 */
export function correct(
  image: PackedRaster,
  seen: Size,
  correction: Correction,
  weights: BlendWeights,
  output: Uint8ClampedArray,
): number {
  const { width, height, data } = image;
  const rows = new BilinearRows(correction, image, {
    width: seen.width / (CORRECTED * width),
    height: seen.height / (CORRECTED * height),
  });
  const row = new Float32Array(4 * width);
  let changed = 0;
  for (let y = 0, pixel = 0; y < height; y++) {
    rows.read(y, row);
    for (let x = 0; x < width; x++, pixel++) {
      const share = weights.at(pixel);
      if (share === 0) continue;
      const white = row[3 * width + x]!;
      let differs = false;
      for (let c = 0; c < 3; c++) {
        const at = 4 * pixel + c;
        const before = data[at]!;
        const change = white * (255 - before) + 255 * row[c * width + x]!;
        output[at] = before + share * change;
        if (output[at] !== before) differs = true;
      }
      if (differs) changed++;
    }
  }
  return changed;
}
