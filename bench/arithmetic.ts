/** Counts the arithmetic that an image costs. */
import type { Size, TilePlan } from "../lib/tiling/tile_plan.ts";
import type { Pass } from "./passes.ts";

/** Pixels that a manifest's `gmacs` are for. */
const REFERENCE = 256 * 256;

/** Cost of an image. */
export interface Cost {
  /** Billions of multiply-accumulate operations. */
  readonly gmacs: number;
  /**
   * Operations on all tiles of all networks, divided by those without tiling.
   */
  readonly overhead: number;
}

/**
 * Cost of the networks on the tiles that they run on. The part that sees the
 * thumbnail costs the same for every tile, 1 to 4 %; it is counted as if it
 * grew with the tile.
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
