/** Reads the caller's mask from an image file. */
import { decode, type DecodeLimits } from "./decode.ts";
import type { Mask } from "../types.ts";

/** Whether a mask restricts restoration to its light areas or protects them. */
export type MaskUse = "restrict" | "protect";

/**
 * Decodes a mask. Colours are converted to brightness; transparent pixels count
 * as black.
 *
 * @throws {LimpidError} as `decode()` of an image.
 */
export async function readUserMask(
  file: Uint8Array,
  use: MaskUse,
  limits: DecodeLimits,
): Promise<Mask> {
  const { raster: { width, height, data } } = await decode(file, limits);
  const grey = new Uint8ClampedArray(width * height);
  for (let i = 0; i < grey.length; i++) {
    const at = 4 * i;
    // Luma by ITU-R BT.709.
    const light = 0.2126 * data[at]! + 0.7152 * data[at + 1]! +
      0.0722 * data[at + 2]!;
    const value = light * data[at + 3]! / 255;
    grey[i] = use === "restrict" ? value : 255 - value;
  }
  return { width, height, data: new Uint8Array(grey.buffer) };
}
