import type { PackedRaster } from "./planes.ts";
import { slices } from "./slices.ts";

/** Largest difference from the first pixel, of 255: what JPEG adds to one colour. */
const TOLERANCE = 2;

/**
 * Whether an image is of one colour. It shows no scene, so that nothing can be
 * told of damage in it.
 */
export async function isFlat({ data }: PackedRaster): Promise<boolean> {
  const [red, green, blue] = data;
  const isNear = (value: number, first: number): boolean =>
    Math.abs(value - first) <= TOLERANCE;
  for await (const { from, to } of slices(data.length / 4)) {
    for (let i = 4 * from; i < 4 * to; i += 4) {
      if (
        !isNear(data[i]!, red!) || !isNear(data[i + 1]!, green!) ||
        !isNear(data[i + 2]!, blue!)
      ) return false;
    }
  }
  return true;
}
