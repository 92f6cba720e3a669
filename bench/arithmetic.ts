/** How much an image costs, counted and not measured. */
import type { Size, TilePlan } from "../lib/tiling/tile_plan.ts";
import type { Pass } from "./passes.ts";

/** Pixels that a manifest's `gmacs` are for. */
const REFERENCE = 256 * 256;

/** What an image costs. */
export interface Cost {
  /** Billions of multiplications and additions. */
  readonly gmacs: number;
  /** Those of all networks on all tiles, in proportion to those on what they see in one piece. */
  readonly overhead: number;
}

/**
 * The networks on the tiles that they run on. The part that sees the thumbnail
 * costs the same for every tile, 1 to 4 %; it is counted as if it grew with the tile.
 */
export function costOf(passes: readonly Pass[]): Cost {
  const sum = (of: (pass: Pass) => number): number =>
    passes.reduce((total, pass) => total + of(pass), 0);
  const area = ({ width, height }: Size): number => width * height;
  const tile = ({ x, y }: TilePlan): number => x.side * y.side / REFERENCE;
  return {
    gmacs: sum(({ model, plan, count }) => model.gmacs * tile(plan) * count),
    overhead:
      sum(({ model, plan, size }) => model.gmacs * plan.overhead * area(size)) /
      sum(({ model, size }) => model.gmacs * area(size)),
  };
}
