/** Tells images that are too narrow to be looked at. */
import type { Size } from "../tiling/tile_plan.ts";
import { levelSizes } from "./pyramid.ts";

/** Shortest side of a coarsest level: one position of the networks' coarsest scale. */
const SHORTEST_SIDE = 16;

/**
 * Why an image is not looked at, in one sentence; `null` for one that is. The
 * networks see 64 rows and columns at least, so that a narrow strip would also
 * cost many times what its pixels do.
 */
export function tooNarrow(image: Size): string | null {
  const coarsest = levelSizes(image).at(-1)!;
  if (Math.min(coarsest.width, coarsest.height) >= SHORTEST_SIDE) return null;
  const { width, height } = image;
  const reduced = coarsest.width === width
    ? ""
    : ` reduced to ${coarsest.width}x${coarsest.height} for the first look,`;
  return `The image is ${width}x${height} pixels and is left as it is:${reduced} it has a side below ${SHORTEST_SIDE}.`;
}
