import type { PackedRaster } from "./planes.ts";
import { slices } from "./slices.ts";

/**
 * Share of pixels like their neighbours above which an image is drawn. Measured:
 * 0.73 in one of some 200 damaged photographs, at most 0.67 in the others, soft
 * ones in strong JPEG; 0.73 and more in 11 of 15 drawings that networks take for
 * hazy or rainy.
 */
const LEAST_SHARE = 0.7;

/**
 * Whether an image is drawn, as diagrams, screenshots and many wallpapers are:
 * most of its pixels have exactly the colour of those to the left and above,
 * which the noise of a camera prevents. What looks like damage there was meant.
 */
export async function isDrawn(
  { width, height, pixels }: PackedRaster,
): Promise<boolean> {
  const compared = (width - 1) * (height - 1);
  let same = 0;
  for await (const { from, to } of slices(width * height)) {
    for (let i = Math.max(from, width); i < to; i++) {
      const own = pixels[i]!;
      if (
        own === pixels[i - width]! && own === pixels[i - 1]! && i % width > 0
      ) same++;
    }
  }
  return same > LEAST_SHARE * compared;
}
