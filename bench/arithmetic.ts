/** How much a picture costs, counted and not measured. */
import { cutOf } from "../lib/cut_of.ts";
import type { Store } from "../lib/models/store.ts";
import { TilePlan } from "../lib/tiles.ts";
import type { Task } from "../lib/types.ts";

/** Pixels that a manifest's `gmacs` are for. */
const REFERENCE = 256 * 256;

/** How a picture is cut for each network. */
export interface Plans {
  readonly mask: TilePlan;
  readonly restore: TilePlan;
}

/** What a picture costs. */
export interface Cost {
  /** Billions of multiplications and additions. */
  readonly gmacs: number;
  /** Those of both networks on all tiles, in proportion to those on the picture in one piece. */
  readonly overhead: number;
}

/**
 * How a picture is cut.
 *
 * @param tile What is asked of `restore()`; `null` where each model decides.
 * @param side Of the restorer's tiles, where they came out smaller than asked for.
 */
export function plansOf(
  store: Pick<Store, "find">,
  task: Task,
  width: number,
  height: number,
  tile: number | null = null,
  side: number | null = tile,
): Plans {
  const mask = cutOf(store.find({ kind: "mask" }), { tile });
  const restore = cutOf(store.find({ kind: "restore", task }), { tile: side });
  return {
    mask: new TilePlan(width, height, mask),
    restore: new TilePlan(width, height, restore),
  };
}

/**
 * The mask network on all tiles and the restorer on some. The part that sees
 * the thumbnail costs the same for every tile, 1 to 4 %; it is counted as if it
 * grew with the tile.
 */
export function costOf(
  store: Pick<Store, "find">,
  task: Task,
  plans: Plans,
  restored: number,
): Cost {
  const [mask, restore] = [
    store.find({ kind: "mask" }).gmacs,
    store.find({ kind: "restore", task }).gmacs,
  ];
  const tile = ({ x, y }: TilePlan): number => x.side * y.side / REFERENCE;
  return {
    gmacs: mask * tile(plans.mask) * plans.mask.total +
      restore * tile(plans.restore) * restored,
    overhead: (mask * plans.mask.overhead + restore * plans.restore.overhead) /
      (mask + restore),
  };
}
