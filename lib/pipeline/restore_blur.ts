/**
 * Restores blur whose extent is one number for the whole image, at the finest
 * level at which the blur is short enough for the network.
 */
import { resolveTileSize } from "../tiling/tile_size.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import { finishLevels, type LevelResult, restoreLevel } from "./level.ts";
import type { Model } from "./loaded_models.ts";
import { predictBlurLevel } from "./predict_mask.ts";
import type { Pyramid } from "./pyramid.ts";
import { partOf } from "../job_control.ts";
import { LEVEL_PARTS, levelPart } from "./parts.ts";

/** Extent above which a blur is restored at a coarser level. */
const LARGEST_EXTENT = 0.7;

/**
 * Begins at the coarsest level and moves on while the next finer level's blur
 * is within the limit.
 */
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
  plan: DamagePlan,
): Promise<LevelResult | null> {
  const { settings, stopwatch } = job;
  const size = pyramid.sizes[index]!;
  // Its network is small: all levels together take less than the restorer at one.
  const locating = partOf(
    partOf(settings, ...LEVEL_PARTS.mask),
    ...levelPart(pyramid.sizes, index),
  );
  const image = await pyramid.level(index);
  // Ignore the caller's tile size: this network takes little memory, and its
  // result depends on where tiles lie.
  const cut = resolveTileSize(model.entry);
  return await withCanvas(job, image, async (canvas) => {
    const extent = await stopwatch.time(
      "mask",
      () => predictBlurLevel(canvas, size, cut, model, plan.task, locating),
    );
    // The blur is twice as long at the next finer level.
    if (index > 0 && 2 * extent <= LARGEST_EXTENT) return null;
    const { data } = await canvas.mask(plan.task);
    const mask = { ...size, data };
    const located = { index, mask, cut, asked: cut, models: [modelUse(model)] };
    return await restoreLevel(job, canvas, pyramid, plan, located);
  });
}
