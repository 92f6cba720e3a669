/** What `restore()` runs for a picture whose damage is named. */
import { cutOf } from "../lib/cut_of.ts";
import { givesExtent, type ModelEntry } from "../lib/models/manifest.ts";
import type { Store } from "../lib/models/store.ts";
import { seenSize } from "../lib/reduce.ts";
import { type Cut, type Size, TilePlan } from "../lib/tiles.ts";
import type { Task } from "../lib/types.ts";

/** One network's way over a picture. */
export interface Pass {
  readonly model: ModelEntry;
  readonly cut: Cut;
  /** The tiles of what the network sees: the picture, or the whole of it reduced. */
  readonly plan: TilePlan;
  /** How many of them it runs on. */
  readonly count: number;
}

/** What was asked of `restore()`, and what came of it. */
export interface Circumstances {
  /** Side of a tile that was asked for; `null` where each model decides. */
  readonly tile: number | null;
  /** Side of the restorer's tiles, smaller than that where memory ended; `null`: the same. */
  readonly side: number | null;
  /** Tiles that the restorer runs on; `null`: all. */
  readonly restored: number | null;
}

/**
 * The networks of a task in the order in which they run: the one that names the
 * damage, the task's own for its mask where it has one, the restorer.
 */
export function networksOf(
  store: Pick<Store, "find" | "models">,
  task: Task,
): readonly ModelEntry[] {
  const restorer = store.find({ kind: "restore", task });
  const own = store.models.filter(({ kind, size, ...model }) =>
    kind === "mask" && model.task === task && size === restorer.size
  );
  return [store.find({ kind: "mask" }), ...own, restorer];
}

/** Their passes over a picture. */
export function passesOf(
  store: Pick<Store, "find" | "models">,
  task: Task,
  picture: Size,
  { tile = null, side = null, restored = null }: Partial<Circumstances> = {},
): readonly Pass[] {
  const { whole } = store.find({ kind: "restore", task });
  const { width, height } = seenSize(picture, whole);
  return networksOf(store, task).map((model) => {
    const restores = model.kind === "restore";
    // The network that names the damage sees tiles of what is reduced, too, should they be smaller.
    const asked = restores ? side ?? tile : tile;
    const cut = whole === undefined || model.task === null
      ? cutOf(model, { tile: givesExtent(model) ? null : asked })
      : { tile: whole, halo: 0 };
    const plan = new TilePlan(width, height, cut);
    const count = restores ? restored ?? plan.total : plan.total;
    return { model, cut, plan, count };
  });
}
