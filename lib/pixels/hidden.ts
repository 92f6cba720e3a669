/**
 * Pixels that are fully transparent. What colour they have under that depends on
 * the program that wrote them: it must neither decide what is found in an image
 * nor run into pixels that are seen.
 */
import { setImmediate } from "node:timers/promises";
import { emptyRaster, type PackedRaster } from "./planes.ts";
import { SLICE, slices } from "./slices.ts";

/** Of a pixel that no colour has reached. */
const FAR = 65_535;

/** Whether a pixel, alpha in its highest byte, is fully transparent. */
function isHidden(pixel: number): boolean {
  return pixel >>> 24 === 0;
}

/** Whether an image has hidden pixels. */
async function isCutOut({ pixels }: PackedRaster): Promise<boolean> {
  for await (const { from, to } of slices(pixels.length)) {
    if (pixels.subarray(from, to).some(isHidden)) return true;
  }
  return false;
}

/**
 * The image with the nearest colour that is seen in hidden pixels, by steps
 * along rows and columns (Rosenfeld and Pfaltz 1966); the image itself where
 * nothing is hidden. Where all is, they keep theirs.
 */
export async function withoutHidden(
  image: PackedRaster,
): Promise<PackedRaster> {
  if (!await isCutOut(image)) return image;
  const { width, height } = image;
  const filled = emptyRaster(image);
  const { pixels } = filled;
  pixels.set(image.pixels);
  const far = new Uint16Array(pixels.length);
  for (let i = 0; i < far.length; i++) far[i] = isHidden(pixels[i]!) ? FAR : 0;
  /** Takes the colour of the pixel before, if that is nearer. */
  const take = (at: number, before: number): void => {
    const steps = far[before]! + 1;
    if (steps >= far[at]!) return;
    far[at] = steps;
    pixels[at] = pixels[before]! & 0xffffff;
  };
  const rows = Math.max(1, Math.floor(SLICE / width));
  for (let y = 0; y < height; y++) {
    if (y % rows === 0) await setImmediate();
    for (let x = 0, at = y * width; x < width; x++, at++) {
      if (far[at] === 0) continue;
      if (x > 0) take(at, at - 1);
      if (y > 0) take(at, at - width);
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    if (y % rows === 0) await setImmediate();
    for (let x = width - 1, at = y * width + x; x >= 0; x--, at--) {
      if (far[at] === 0) continue;
      if (x < width - 1) take(at, at + 1);
      if (y < height - 1) take(at, at + width);
    }
  }
  return filled;
}

/**
 * Gives hidden pixels of a restored image their own bytes again, and takes them
 * out of its mask, both in place.
 */
export async function hideAgain(
  { pixels }: PackedRaster,
  restored: Uint8ClampedArray<ArrayBuffer> | null,
  mask: Uint8Array,
): Promise<void> {
  const bytes = restored === null ? null : new Uint32Array(
    restored.buffer,
    restored.byteOffset,
    pixels.length,
  );
  for await (const { from, to } of slices(pixels.length)) {
    for (let i = from; i < to; i++) {
      if (!isHidden(pixels[i]!)) continue;
      if (bytes !== null) bytes[i] = pixels[i]!;
      mask[i] = 0;
    }
  }
}
