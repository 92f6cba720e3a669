/**
 * Keeps grey images grey: networks, which compute each channel, may tint them.
 */
import type { PackedRaster } from "./planes.ts";
import { slices } from "./slices.ts";

/** Whether red, green and blue are the same in every pixel. */
export async function isNeutral({ pixels }: PackedRaster): Promise<boolean> {
  for await (const { from, to } of slices(pixels.length)) {
    for (let i = from; i < to; i++) {
      const pixel = pixels[i]!;
      // Red against green, and green against blue.
      if (((pixel ^ pixel >>> 8) & 0xffff) !== 0) return false;
    }
  }
  return true;
}

/**
 * Replaces each pixel of a neutral image's restoration by its luminance, in
 * place (ITU-R BT.601, as JPEG does).
 *
 * @returns `data`, and how many pixels differ from the image's
 */
export async function neutralised(
  { pixels }: PackedRaster,
  data: Uint8ClampedArray<ArrayBuffer>,
): Promise<
  { data: Uint8ClampedArray<ArrayBuffer>; changed: number }
> {
  let changed = 0;
  for await (const { from, to } of slices(pixels.length)) {
    for (let i = from, at = 4 * from; i < to; i++, at += 4) {
      const luminance = Math.round(
        0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!,
      );
      data[at] = data[at + 1] = data[at + 2] = luminance;
      if (luminance !== (pixels[i]! & 255)) changed++;
    }
  }
  return { data, changed };
}
