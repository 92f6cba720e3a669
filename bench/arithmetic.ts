/** How much a picture costs, counted and not measured. */
import type { Store } from "../lib/models/store.ts";
import { restoreSettings } from "../lib/options.ts";
import { TilePlan } from "../lib/tiles.ts";
import type { Task } from "../lib/types.ts";

/** Pixels that a manifest's `gmacs` are for. */
const REFERENCE = 256 * 256;

/** How a picture is cut with the default options, or tiles of another side. */
export function planOf(width: number, height: number, side?: number): TilePlan {
  const { tile, halo } = restoreSettings({});
  return new TilePlan(width, height, { tile: side ?? tile, halo });
}

/**
 * Billions of multiplications and additions for the mask network on all tiles
 * and the restorer on some. The part that sees the thumbnail costs the same
 * for every tile, 1 to 4 %; it is counted as if it grew with the tile.
 */
export function gmacsOf(
  store: Store,
  task: Task,
  plan: TilePlan,
  restored: number,
): number {
  const mask = store.find({ kind: "mask" }).gmacs;
  const restore = store.find({ kind: "restore", task }).gmacs;
  const tile = plan.x.side * plan.y.side / REFERENCE;
  return tile * (plan.total * mask + restored * restore);
}
