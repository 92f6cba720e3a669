/** What `restore()` runs for an image whose damage is named. */
import { resolveTileSize } from "../lib/tiling/tile_size.ts";
import { ALWAYS_SIDE } from "../lib/pipeline/restore_levels.ts";
import { levelSizes } from "../lib/pipeline/pyramid.ts";
import { samplesSize } from "../lib/pipeline/shows_damage.ts";
import { givesExtent, type ModelEntry } from "../lib/models/manifest.ts";
import type { Store } from "../lib/models/store.ts";
import { networkInputSize } from "../lib/pixels/reduce.ts";
import { type Size, TilePlan, type TileSize } from "../lib/tiling/tile_plan.ts";
import type { Task } from "../lib/types.ts";

/** One network's way over an image. */
export interface Pass {
  readonly model: ModelEntry;
  readonly cut: TileSize;
  /** The tiles of what the network sees: a level of the image, or the whole of it reduced. */
  readonly plan: TilePlan;
  /** Of what the network sees. */
  readonly size: Size;
  /** How many tiles it runs on. */
  readonly count: number;
}

/** What was asked of `restore()`, and what came of it. */
export interface Circumstances {
  /** Side of a tile that was asked for; `null` where each model decides. */
  readonly tile: number | null;
  /** Side of the restorer's tiles, smaller than that where memory ended; `null`: the same. */
  readonly side: number | null;
  /** Tiles that the restorer runs on, of all levels; `null`: all. */
  readonly restored: number | null;
  /** The levels that were looked at, in order; `null`: those that always are. */
  readonly levels: readonly number[] | null;
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

/** Their passes over an image, in the order in which they run. */
export function passesOf(
  store: Pick<Store, "find" | "models">,
  task: Task,
  image: Size,
  given: Partial<Circumstances> = {},
): readonly Pass[] {
  const { tile = null, side = null } = given;
  const [verdict, ...others] = networksOf(store, task);
  const restorer = others.at(-1)!;
  const finder = others.length > 1 ? others[0]! : verdict!;
  const over = (model: ModelEntry, size: Size): Pass => {
    const asked = model === restorer ? side ?? tile : tile;
    const cut = model.whole === undefined
      ? resolveTileSize(model, { tile: givesExtent(model) ? null : asked })
      : { tile: model.whole, halo: 0 };
    const plan = new TilePlan(size.width, size.height, cut);
    return { model, cut, plan, size, count: plan.total };
  };
  const sizes = levelSizes(image);
  const first = over(verdict!, sizes.at(-1)!);
  if (restorer.whole !== undefined) {
    const size = networkInputSize(image, restorer.whole);
    const passes = others.map((model) => over(model, size));
    return counted([first, ...passes], restorer, given);
  }
  const extent = givesExtent(finder);
  const levels = given.levels ?? alwaysSeen(sizes, extent);
  const passes = levels.flatMap((level, turn) => {
    const size = sizes[level]!;
    const last = turn === levels.length - 1;
    const fine = Math.max(size.width, size.height) > ALWAYS_SIDE;
    return [
      // Whether a fine level shows damage was told from samples.
      ...(fine && !extent ? [over(finder, samplesSize(size))] : []),
      // The coarsest one was seen for the verdict already.
      ...(finder === verdict && turn === 0 ? [] : [over(finder, size)]),
      // A shake is restored at one level.
      ...(extent && !last ? [] : [over(restorer, size)]),
    ];
  });
  return counted([first, ...passes], restorer, given);
}

/** The levels that are looked at whatever they show. */
function alwaysSeen(
  sizes: readonly Size[],
  extent: boolean,
): readonly number[] {
  const all = sizes.map((_, level) => level).reverse();
  return all.filter((level, turn) => {
    const { width, height } = sizes[level]!;
    return turn === 0 || (!extent && Math.max(width, height) <= ALWAYS_SIDE);
  });
}

/** The passes, where the restorer did not run on all of its tiles: those that it left out are taken from its last ones. */
function counted(
  passes: readonly Pass[],
  restorer: ModelEntry,
  { restored = null }: Partial<Circumstances>,
): readonly Pass[] {
  if (restored === null) return passes;
  let left = restored;
  return passes.map((pass) => {
    if (pass.model !== restorer) return pass;
    const count = Math.min(left, pass.count);
    left -= count;
    return { ...pass, count };
  });
}
