/** Blur whose extent is one number: restored at the finest level at which it is short enough to be known. */
import { resolveTileSize } from "../tiling/tile_size.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import {
  finishLevels,
  type LevelResult,
  restoreLevel,
  userMaskAt,
} from "./level.ts";
import type { Model } from "./loaded_models.ts";
import { predictBlurLevel } from "./predict_mask.ts";
import type { Pyramid } from "./pyramid.ts";
import { countTiles } from "./tile_counts.ts";

/** From which extent on a blur is restored at a coarser level: there it is half as long. */
const LARGEST_EXTENT = 0.7;

/** From the coarsest level on, as long as the next finer one would still know the blur. */
export async function restoreBlur(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
): Promise<DamageResult> {
  const { loaded, settings } = job;
  const model = await loaded.load(loaded.ownMask(plan.task)!, settings);
  const levels: number[] = [];
  let result: LevelResult | null = null;
  for (let index = pyramid.coarsest; result === null; index--) {
    levels.push(index);
    result = await restoreAt(job, pyramid, index, model, plan);
  }
  return {
    ...await finishLevels(job, pyramid, result, plan),
    tiles: result.tiles,
    levels,
    models: result.models,
  };
}

/** @returns `null` where the blur is short enough for the next finer level */
async function restoreAt(
  job: Job,
  pyramid: Pyramid,
  index: number,
  model: Model,
  { task, restores, entry, curve }: DamagePlan,
): Promise<LevelResult | null> {
  const { settings, stopwatch } = job;
  const size = pyramid.sizes[index]!;
  const image = await pyramid.level(index);
  // Its own tiles, whatever is asked for: they take little memory, and what it says depends on where they lie.
  const cut = resolveTileSize(model.entry);
  return await withCanvas(job, image, undefined, async (canvas) => {
    const extent = await stopwatch.time(
      "mask",
      () => predictBlurLevel(canvas, size, cut, model, task, settings),
    );
    // Half as coarse, a blur is twice as long.
    if (index > 0 && 2 * extent <= LARGEST_EXTENT) return null;
    const { data } = await canvas.mask(task);
    const mask = { ...size, data };
    const models = [modelUse(model)];
    if (!restores) {
      const tiles = countTiles(size, cut, cut, 0);
      return { index, restoration: null, mask, tiles, models };
    }
    const user = userMaskAt(settings.mask, size, pyramid.coarsest === 0);
    const restored = await stopwatch.time(
      "restore",
      () => restoreLevel(job, canvas, size, entry, { task, curve, user }),
    );
    return {
      ...restored,
      index,
      mask,
      models: [...models, ...restored.models],
    };
  });
}
