/**
 * Restores from a coarse level to a fine one: each level takes the damage that
 * it shows, and hands the rest to the next.
 */
import { union } from "../pixels/mask.ts";
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { ModelUse } from "../types.ts";
import type { DamagePlan } from "./damage_plan.ts";
import { type Job, modelUse, partOfJob, withCanvas } from "./job.ts";
import {
  type Arrived,
  carryOver,
  type LevelResult,
  type MaskedCanvas,
  type Passed,
  restoreLevel,
} from "./level.ts";
import { predictFittingMasks } from "./predict_mask.ts";
import type { Pyramid } from "./pyramid.ts";
import { showsDamage } from "./shows_damage.ts";
import { partOf } from "../job_control.ts";
import { LEVEL_PARTS, levelPart } from "./parts.ts";

/** Longest side up to which a level is always processed. */
const ALWAYS_SIDE = 1280;

/** Whether a level is so fine that samples have to tell whether it shows damage. */
export function needsSamples({ width, height }: Size): boolean {
  return Math.max(width, height) > ALWAYS_SIDE;
}

/** From which level to which, and what is known before. */
export interface Ascent {
  readonly from: number;
  readonly to: number;
  /** The level before the first, if there is one. */
  readonly before?: Passed;
  /** As for `restoreDamage`, if the climb begins with the coarsest level. */
  readonly classified?: MaskedCanvas | null;
  /** Whether samples decide about the last level, however small it is. */
  readonly sampled?: boolean;
}

/** The last level of a climb, and what was done below. */
export interface Reached {
  readonly top: Passed;
  readonly done: readonly LevelResult[];
}

/** @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted` */
export async function climbLevels(
  job: Job,
  pyramid: Pyramid,
  plan: DamagePlan,
  { from, to, classified = null, sampled = false, ...given }: Ascent,
): Promise<Reached> {
  let before = given.before ?? null;
  const done: LevelResult[] = [];
  for (let index = from; index >= to; index--) {
    const finer = needsSamples(pyramid.sizes[index]!) ||
      (sampled && index === to);
    if (finer && !plan.restores) break;
    const at = partOfJob(job, levelPart(pyramid.sizes, index));
    const arrived = await carryOver(job, pyramid, index, before, plan);
    if (finer && !await showsDamage(at, arrived.image, plan)) {
      if (index === to) return { top: passed(index, arrived), done };
      break;
    }
    const masked = index === from ? classified : null;
    const level = masked === null
      ? await passLevel(at, pyramid, index, plan, arrived.image)
      : await locateAndRestore(at, masked.canvas, pyramid, index, plan, masked);
    const mask = arrived.mask === null
      ? level.mask
      : union(level.mask, arrived.mask);
    // Without damage of its own: what the levels before restored.
    const restoration = level.restoration ??
      (before?.restoration ? { image: arrived.image } : null);
    before = { index, mask, restoration };
    done.push(level);
  }
  if (before!.index === to) return { top: before!, done };
  const arrived = await carryOver(job, pyramid, to, before, plan);
  return { top: passed(to, arrived), done };
}

function passed(index: number, { image, mask }: Arrived): Passed {
  return { index, mask: mask!, restoration: { image } };
}

/** Finds the damage of an image at one level and restores it there. */
export async function passLevel(
  job: Job,
  pyramid: Pyramid,
  index: number,
  plan: DamagePlan,
  image: DeviceImage,
): Promise<LevelResult> {
  return await withCanvas(
    job,
    image,
    (canvas) => locateAndRestore(job, canvas, pyramid, index, plan, null),
  );
}

/** The same on a canvas, which may have the masks already. */
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
