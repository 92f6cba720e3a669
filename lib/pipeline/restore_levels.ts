/**
 * Restores damage of many sizes: thin damage at a fine level first, then what
 * is left from the coarsest level to the finest that still shows it.
 */
import { union } from "../pixels/mask.ts";
import type { DeviceImage } from "../runtime/backend.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Task } from "../types.ts";
import {
  climbLevels,
  needsSamples,
  passLevel,
  type Reached,
} from "./climb_levels.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, partOfJob } from "./job.ts";
import {
  finishLevels,
  type LevelResult,
  type MaskedCanvas,
  type Passed,
} from "./level.ts";
import { thinPart } from "./parts.ts";
import { Pyramid } from "./pyramid.ts";
import { showsDamage } from "./shows_damage.ts";
import { sumTiles } from "./tile_counts.ts";

/** Longest side of the level at which thin damage is restored. */
const THIN_SIDE = 1700;

/**
 * Damages with parts that are thinner than a pixel of coarse levels, which take
 * the scene's own detail away with them.
 */
const HAS_THIN_PARTS: ReadonlySet<Task> = new Set(["rain"]);

/** The level at which a task's thin damage is restored before any other; the coarsest where the task has none. */
export function thinLevel(task: Task, sizes: readonly Size[]): number {
  const coarsest = sizes.length - 1;
  if (!HAS_THIN_PARTS.has(task)) return coarsest;
  const fits = ({ width, height }: Size): boolean =>
    Math.max(width, height) <= THIN_SIDE;
  return Math.min(coarsest, sizes.findIndex(fits));
}

/** @param classified As for `restoreDamage`. */
export async function restoreLevels(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
  classified: MaskedCanvas | null,
): Promise<DamageResult> {
  const { coarsest, sizes } = pyramid;
  const index = plan.restores ? thinLevel(plan.task, sizes) : coarsest;
  const part = thinPart(sizes, index);
  const thin = await restoreThin(
    partOfJob(job, [0, part]),
    pyramid,
    plan,
    index,
  );
  const rest = partOfJob(job, [part, 1]);
  const { top, done } = thin?.restoration
    ? await restoreRest(rest, pyramid, plan, thin, thin.restoration.image)
    : await climbLevels(rest, pyramid, plan, {
      from: coarsest,
      to: 0,
      classified,
    });
  const all = thin === null ? done : [thin, ...done];
  return {
    ...await finishLevels(job, pyramid, top, plan),
    tiles: sumTiles(all.map(({ tiles }) => tiles)),
    levels: all.map(({ index }) => index),
    models: all.flatMap(({ models }) => models),
  };
}

/** Restores thin damage; `null` where the level is the coarsest, or shows none. */
async function restoreThin(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
  index: number,
): Promise<LevelResult | null> {
  if (index === pyramid.coarsest) return null;
  const image = await pyramid.level(index);
  if (needsSamples(image) && !await showsDamage(job, image, plan)) return null;
  return await passLevel(job, pyramid, index, plan, image);
}

/**
 * Restores what is left after thin damage: from the coarsest level up to the
 * one where that was restored, then on to the finest.
 */
async function restoreRest(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
  thin: LevelResult,
  image: DeviceImage,
): Promise<Reached> {
  const { index } = thin;
  const { backend } = job.loaded;
  using thinned = new Pyramid(backend, image, pyramid.sizes, index);
  const below = await climbLevels(job, thinned, plan, {
    from: pyramid.coarsest,
    to: index,
    sampled: true,
  });
  const before: Passed = {
    index,
    mask: union(below.top.mask, thin.mask),
    restoration: below.top.restoration ?? { image },
  };
  if (index === 0) return { top: before, done: below.done };
  const above = await climbLevels(job, pyramid, plan, {
    from: index - 1,
    to: 0,
    before,
  });
  return { top: above.top, done: [...below.done, ...above.done] };
}
