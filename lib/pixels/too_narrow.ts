import type { Size } from "../tiling/tile_plan.ts";

/** Shortest side in pixels of an image that is looked at. */
export const SHORTEST_SIDE = 16;

/**
 * Whether an image is too narrow to be looked at: smaller than one position of
 * the networks' coarsest scale. They see 64 rows and columns at least, so that
 * it would also cost many times what its pixels do.
 */
export function isTooNarrow({ width, height }: Size): boolean {
  return Math.min(width, height) < SHORTEST_SIDE;
}
