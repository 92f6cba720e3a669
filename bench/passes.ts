/** The passes of `restore()` over an image when the task is given. */
import { resolveTileSize } from "../lib/tiling/tile_size.ts";
import { needsSamples } from "../lib/pipeline/climb_levels.ts";
import { thinLevel } from "../lib/pipeline/restore_levels.ts";
import { inHalf } from "../lib/pipeline/model_selector.ts";
import { levelSizes } from "../lib/pipeline/pyramid.ts";
import { samplesSize } from "../lib/pixels/samples.ts";
import {
  givesExtent,
  type ModelEntry,
  ownMaskOf,
} from "../lib/models/manifest.ts";
import type { Store } from "../lib/models/store.ts";
import { networkInputSize } from "../lib/pixels/reduce.ts";
import { type Size, TilePlan, type TileSize } from "../lib/tiling/tile_plan.ts";
import type { Task } from "../lib/types.ts";

/** One pass of a network over an image. */
export interface Pass {
  readonly model: ModelEntry;
  readonly cut: TileSize;
  /** Tiles of the network's input: a level, or the reduced image. */
  readonly plan: TilePlan;
  /** Size of the network's input. */
  readonly size: Size;
  /** Number of tiles that it runs on; twice that where it sees the mirror image, too. */
  readonly count: number;
}

/** What networks see that see the image whole: it, and its mirror image. */
const SIGHTS = 2;

/** Options of `restore()` and facts of its run that determine the passes. */
export interface Circumstances {
  /** Tile size that was asked for; `null` where each model decides. */
  readonly tile: number | null;
  /**
   * Tile size of the restorer, smaller where memory did not suffice; `null` for
   * the same.
   */
  readonly side: number | null;
  /** Tiles that the restorer runs on, over all levels; `null` for all. */
  readonly restored: number | null;
  /**
   * The levels that were processed, in order; `null`: those that always are.
   */
  readonly levels: readonly number[] | null;
}

/**
 * The models of a store, of which restorers are found in one size; their own
 * mask networks go with them.
 *
 * @param half Whether they compute in fp16, for which their tiles are larger.
 */
export function ofSize(
  store: Store,
  size: ModelEntry["size"],
  half: boolean,
): Pick<Store, "find" | "models"> {
  return {
    models: half ? store.models.map(inHalf) : store.models,
    find: (query) => {
      const entry = store.find(
        query.kind === "restore" ? { ...query, size } : query,
      );
      return half ? inHalf(entry) : entry;
    },
  };
}

/**
 * The networks of a task in the order in which they run: the general mask
 * network, the task's own mask network if there is one, the restorer.
 */
export function networksOf(
  store: Pick<Store, "find" | "models">,
  task: Task,
): readonly ModelEntry[] {
  const restorer = store.find({ kind: "restore", task });
  const own = ownMaskOf(restorer, store.models);
  return [
    store.find({ kind: "mask" }),
    ...(own === undefined ? [] : [own]),
    restorer,
  ];
}

/** The passes of these networks over an image, in order. */
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
    const cut = resolveTileSize(model, {
      tile: givesExtent(model) ? null : asked,
    });
    const plan = new TilePlan(size.width, size.height, cut);
    return { model, cut, plan, size, count: plan.total };
  };
  const sizes = levelSizes(image);
  const first = over(verdict!, sizes.at(-1)!);
  if (restorer.whole !== undefined) {
    const size = networkInputSize(image, restorer.whole);
    const passes = others.map((model) => {
      const pass = over(model, size);
      return { ...pass, count: SIGHTS * pass.count };
    });
    const restored = given.restored ?? null;
    return counted([first, ...passes], restorer, {
      restored: restored === null ? null : SIGHTS * restored,
    });
  }
  const extent = givesExtent(finder);
  const levels = given.levels ?? alwaysSeen(sizes, task, extent);
  const passes = levels.flatMap((level, turn) => {
    const size = sizes[level]!;
    const last = turn === levels.length - 1;
    const again = levels.indexOf(level) < turn;
    const samples = (needsSamples(size) || again) && !extent
      ? samplesSize(size)
      : null;
    return [
      // Samples told whether a fine level shows damage, or one seen before.
      ...(samples === null ? [] : [over(finder, samples)]),
      // The classification has run on the coarsest level already.
      ...(finder === verdict && turn === 0 && level === sizes.length - 1
        ? []
        : [over(finder, size)]),
      // Blur is restored at one level only.
      ...(extent && !last ? [] : [over(restorer, size)]),
    ];
  });
  return counted([first, ...passes], restorer, given);
}

/** The levels that are always processed, in order. */
function alwaysSeen(
  sizes: readonly Size[],
  task: Task,
  extent: boolean,
): readonly number[] {
  const coarsest = sizes.length - 1;
  if (extent) return [coarsest];
  const thin = thinLevel(task, sizes);
  const always = (level: number): boolean =>
    level === coarsest || !needsSamples(sizes[level]!);
  const isFirst = thin < coarsest && always(thin);
  const all = sizes.map((_, level) => level).reverse().filter(always);
  // Samples tell whether the level that came first is seen again.
  return isFirst ? [thin, ...all.filter((level) => level > thin)] : all;
}

/**
 * The passes with the number of tiles that the restorer ran on; skipped tiles
 * are taken from its last passes.
 */
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
