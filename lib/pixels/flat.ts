import { setImmediate } from "node:timers/promises";
import type { PackedRaster } from "./planes.ts";

/** Pixels processed between two turns of the event loop: a few milliseconds. */
const SLICE = 2 ** 20;
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
  for (let from = 0; from < data.length; from += 4 * SLICE) {
    if (from > 0) await setImmediate();
    const to = Math.min(data.length, from + 4 * SLICE);
    for (let i = from; i < to; i += 4) {
      if (
        !isNear(data[i]!, red!) || !isNear(data[i + 1]!, green!) ||
        !isNear(data[i + 2]!, blue!)
      ) return false;
    }
  }
  return true;
}
