/** One image, step by step: classify, then find and restore each damage in turn. */
import type { LoadedModels } from "./loaded_models.ts";
import {
  emptyMask,
  histogram,
  type MaskStats,
  maskStats,
  union,
} from "../pixels/mask.ts";
import type { ModelQuery } from "../models/store.ts";
import type { Settings } from "../options.ts";
import { isDrawn } from "../pixels/drawn.ts";
import { isFlat } from "../pixels/flat.ts";
import { hideAgain, withoutHidden } from "../pixels/hidden.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Mask, ModelUse, Task } from "../types.ts";
import { type Classification, classify } from "./classify.ts";
import { type Job, partOfJob, withCanvas } from "./job.ts";
import { maskCurveOf } from "./damage_plan.ts";
import { ImageScope } from "./image_scope.ts";
import { restoreDamage } from "./restore_damage.ts";
import { countTiles, sumTiles, type TileCounts } from "./tile_counts.ts";
import { Pyramid } from "./pyramid.ts";
import { tooNarrow } from "./too_narrow.ts";
import { probabilitiesOf } from "./verdict.ts";
import { CLASSIFY, damagePart } from "./parts.ts";

/** What was found in an image and restored. */
export interface Outcome
  extends Pick<Classification, "probabilities" | "tasks"> {
  /** The restored pixels, RGBA; `null` where nothing was restored. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer> | null;
  /** Those of `tasks` that were restored. */
  readonly restored: readonly Task[];
  readonly mask: Mask;
  readonly stats: MaskStats;
  readonly tiles: TileCounts;
  readonly levels: readonly number[];
  readonly models: readonly ModelUse[];
}

/** Of an image that shows no scene. */
const NOTHING: Pick<Classification, "probabilities" | "tasks" | "sure"> = {
  probabilities: probabilitiesOf(() => 0),
  tasks: [],
  sure: [],
};

async function showsScene(image: PackedRaster): Promise<boolean> {
  return !await isFlat(image) && !await isDrawn(image);
}

/** Of an image that is not looked at: not even `clean` is probable. */
function unseen({ width, height }: PackedRaster): Outcome {
  return {
    probabilities: { ...NOTHING.probabilities, clean: 0 },
    tasks: [],
    pixels: null,
    restored: [],
    mask: emptyMask(width, height),
    stats: { coverage: 0, severity: 0 },
    tiles: { total: 0, restored: 0, side: 0, asked: 0 },
    levels: [],
    models: [],
  };
}

/**
 * @param restores Whether to restore the damages that are sure, or only to find
 * them.
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function restoreImage(
  loaded: LoadedModels,
  raster: PackedRaster,
  settings: Settings,
  stopwatch: Stopwatch,
  restores: boolean,
): Promise<Outcome> {
  if (tooNarrow(raster) !== null) return unseen(raster);
  using images = new ImageScope();
  const job: Job = { loaded, settings, stopwatch, images };
  const { backend } = loaded;
  const visible = await withoutHidden(raster);
  const original = images.add(await backend.put(visible));
  using pyramid = new Pyramid(backend, original);
  const coarsest = await pyramid.level(pyramid.coarsest);
  return await withCanvas(job, coarsest, async (canvas) => {
    const found = await stopwatch.time(
      "mask",
      () => classify(partOfJob(job, CLASSIFY), pyramid, canvas),
    );
    const classification =
      settings.tasks === "auto" && !await showsScene(visible)
        ? { ...found, ...NOTHING }
        : found;
    const { width, height } = coarsest;
    let current = original;
    let mask: Mask | null = null;
    const tiles: TileCounts[] = [];
    const levels: number[] = [];
    const models = [...classification.models];
    for (const [turn, task] of classification.tasks.entries()) {
      const part = damagePart(turn, classification.tasks.length);
      using others = turn === 0 ? null : new Pyramid(backend, current);
      const result = await restoreDamage(
        partOfJob(job, part),
        others ?? pyramid,
        task,
        restores && classification.sure.includes(task),
        turn === 0 ? { canvas, ...classification } : null,
      );
      // What came before is not needed any more.
      if (current !== original && current !== result.image) {
        images.keep(current)[Symbol.dispose]();
      }
      current = images.add(result.image);
      mask = mask === null ? result.mask : union(mask, result.mask);
      tiles.push(result.tiles);
      levels.push(...result.levels);
      models.push(...result.models);
    }
    const [first] = classification.tasks;
    const pixels = current === original ? null : await current.read();
    if (visible !== raster && mask !== null) {
      await hideAgain(raster, pixels, mask.data);
    }
    return {
      probabilities: classification.probabilities,
      tasks: classification.tasks,
      restored: restores
        ? classification.tasks.filter((task) =>
          classification.sure.includes(task)
        )
        : [],
      pixels,
      mask: mask ?? emptyMask(raster.width, raster.height),
      stats: mask === null || first === undefined
        ? { coverage: 0, severity: 0 }
        : maskStats(histogram(mask.data), maskCurveOf(job, first).threshold),
      tiles: tiles.length > 0 ? sumTiles(tiles) : countTiles(
        { width, height },
        classification.cut,
        classification.asked,
        0,
      ),
      levels,
      models: eachOnce(models),
    };
  });
}

/** The models of a task, without the general mask network. */
export function modelsOf(
  loaded: LoadedModels,
  task: Task,
): readonly ModelQuery[] {
  const restore = { kind: "restore", task } as const;
  const own = loaded.ownMask(task);
  return own === undefined ? [restore] : [own, restore];
}

/**
 * Begins with the models that an image will need, while it is decoded: loads
 * the mask networks, and downloads the restorers that were asked for, which
 * need not be loaded where nothing is damaged.
 *
 * @param restores As {@linkcode restoreImage} has it.
 * @throws {LimpidError} as {@linkcode restoreImage}
 */
export async function prepareModels(
  loaded: LoadedModels,
  settings: Settings,
  restores: boolean,
): Promise<void> {
  const asked = settings.tasks === "auto" ? [] : settings.tasks;
  const queries = asked.flatMap((task) => modelsOf(loaded, task));
  const masks = queries.filter(({ kind }) => kind === "mask");
  const others = queries.filter(({ kind }) => restores && kind === "restore");
  await Promise.all([
    ...[{ kind: "mask" } as const, ...masks].map((query) =>
      loaded.load(query, settings)
    ),
    ...others.map((query) => loaded.fetch(query, settings)),
  ]);
}

function eachOnce(models: readonly ModelUse[]): readonly ModelUse[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
