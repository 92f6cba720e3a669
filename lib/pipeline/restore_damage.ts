/** Restores one damage of an image in the way that its models need. */
import { givesExtent } from "../models/manifest.ts";
import type { Task } from "../types.ts";
import {
  type DamagePlan,
  type DamageResult,
  maskCurveOf,
} from "./damage_plan.ts";
import { ImageScope } from "./image_scope.ts";
import type { Job } from "./job.ts";
import type { MaskedCanvas } from "./level.ts";
import type { Pyramid } from "./pyramid.ts";
import { restoreBlur } from "./restore_blur.ts";
import { restoreLevels } from "./restore_levels.ts";
import { restoreWhole } from "./restore_whole.ts";

/**
 * Finds one damage and, where `restores`, restores it.
 *
 * @param classified Canvas of the coarsest level if the general mask network
 * has run on it, else `null`.
 * @returns an image that is the caller's, the pyramid's own where nothing was restored
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function restoreDamage(
  job: Job,
  pyramid: Pyramid,
  task: Task,
  restores: boolean,
  classified: MaskedCanvas | null,
): Promise<DamageResult> {
  using images = new ImageScope();
  const { loaded } = job;
  const entry = loaded.find({ kind: "restore", task });
  const curve = maskCurveOf(job, task);
  const hasLevels = entry.whole === undefined && pyramid.coarsest > 0;
  const plan: DamagePlan = {
    task,
    entry,
    // Each finer level would restore more of what a coarser one left:
    // `finishLevels` applies the strength once.
    curve: hasLevels && curve.strength > 0 ? { ...curve, strength: 1 } : curve,
    restores,
  };
  const own = loaded.ownMask(task);
  const step: Job = { ...job, images };
  const result = entry.whole !== undefined
    ? await restoreWhole(step, pyramid, plan)
    : own !== undefined && givesExtent(loaded.find(own))
    ? await restoreBlur(step, pyramid, plan)
    : await restoreLevels(step, pyramid, plan, classified);
  images.keep(result.image);
  return result;
}
