/**
 * Restores damage of many sizes, from the coarsest level to the finest that
 * still shows it.
 */
import { union } from "../pixels/mask.ts";
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import type { ModelUse } from "../types.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, modelUse, partOfJob, withCanvas } from "./job.ts";
import {
  type Arrived,
  carryOver,
  finishLevels,
  type LevelResult,
  type MaskedCanvas,
  restoreLevel,
} from "./level.ts";
import { predictFittingMasks } from "./predict_mask.ts";
import type { Pyramid } from "./pyramid.ts";
import type { Restoration } from "./restore_tiles.ts";
import { showsDamage } from "./shows_damage.ts";
import { sumTiles } from "./tile_counts.ts";
import { partOf } from "../job_control.ts";
import { LEVEL_PARTS, levelPart } from "./parts.ts";

/**
 * Longest side up to which a level is always processed. Samples tell whether
 * finer levels have damage left.
 */
export const ALWAYS_SIDE = 1280;

/** @param classified As for `restoreDamage`. */
export async function restoreLevels(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
  classified: MaskedCanvas | null,
): Promise<DamageResult> {
  const at = (index: number): Job =>
    partOfJob(job, levelPart(pyramid.sizes, index));
  let before = null as LevelResult | null;
  let finest: Arrived | null = null;
  const done: LevelResult[] = [];
  for (let index = pyramid.coarsest; index >= 0; index--) {
    const size = pyramid.sizes[index]!;
    const finer = Math.max(size.width, size.height) > ALWAYS_SIDE;
    if (finer && !plan.restores) break;
    const arrived = await carryOver(job, pyramid, index, before, plan);
    if (finer && !await showsDamage(at(index), arrived.image, plan)) {
      if (index === 0) finest = arrived;
      break;
    }
    const masked = index === pyramid.coarsest ? classified : null;
    const look = (
      canvas: Canvas<Session, DeviceImage>,
    ): Promise<LevelResult> =>
      locateAndRestore(at(index), canvas, pyramid, index, plan, masked);
    const level = masked === null
      ? await withCanvas(job, arrived.image, look)
      : await look(masked.canvas);
    const mask = arrived.mask === null
      ? level.mask
      : union(level.mask, arrived.mask);
    const restoration: Restoration | null = level.restoration ??
      // Without damage of its own: what the coarser levels restored.
      (before?.restoration ? { image: arrived.image, restored: 0 } : null);
    before = { ...level, mask, restoration };
    done.push(level);
  }
  return {
    ...await finishLevels(job, pyramid, before!, plan, finest),
    tiles: sumTiles(done.map(({ tiles }) => tiles)),
    levels: done.map(({ index }) => index),
    models: done.flatMap(({ models }) => models),
  };
}

/** Finds the damage at one level and restores it there. */
async function locateAndRestore(
  job: Job,
  canvas: Canvas<Session, DeviceImage>,
  pyramid: Pyramid,
  index: number,
  plan: DamagePlan,
  masked: MaskedCanvas | null,
): Promise<LevelResult> {
  const { loaded, stopwatch } = job;
  const { task } = plan;
  const size = pyramid.sizes[index]!;
  const settings = partOf(job.settings, ...LEVEL_PARTS.mask);
  const located = await stopwatch.time("mask", async () => {
    const own = loaded.ownMask(task);
    const models: ModelUse[] = [];
    const isMasked = own === undefined && masked?.masked.includes(task);
    let found: Pick<MaskedCanvas, "cut" | "asked"> | null = isMasked
      ? masked
      : null;
    if (found === null) {
      const model = await loaded.load(own ?? { kind: "mask" }, settings);
      found = await predictFittingMasks(canvas, size, model, [task], settings);
      models.push(modelUse(model));
    }
    const { cut, asked } = found;
    const { data } = await canvas.mask(task);
    return { index, mask: { ...size, data }, cut, asked, models };
  });
  return await restoreLevel(job, canvas, pyramid, plan, located);
}
