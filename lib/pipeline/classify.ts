/** Finds which damages an image has, from its coarsest one or two levels. */
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import { networkInputSize } from "../pixels/reduce.ts";
import { channelsOf, type ModelEntry } from "../models/manifest.ts";
import { predictFittingMasks } from "./predict_mask.ts";
import type { TileSize } from "../tiling/tile_plan.ts";
import {
  type ModelUse,
  type Probabilities,
  type Task,
  TASKS,
} from "../types.ts";
import { either, likely, probabilitiesOf } from "./verdict.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import type { Pyramid } from "./pyramid.ts";

/** The damages of an image, and which of them are to be restored. */
export interface Classification {
  readonly probabilities: Probabilities;
  /** The tasks asked for, or the damages that are more probable than not. */
  readonly tasks: readonly Task[];
  /** Those of `tasks` that are probable enough to be restored. */
  readonly sure: readonly Task[];
  readonly models: readonly ModelUse[];
  /** The tile size used at the coarsest level. */
  readonly cut: TileSize;
  readonly asked: TileSize;
  /** Tasks whose masks the coarsest level's canvas has. */
  readonly masked: readonly Task[];
}

/** Probability from which a damage is named, unless less is sure enough. */
const NAMED = 0.5;

/** Probability from which a damage that is not sure is looked into once more. */
const DOUBTED = 0.2;

/** Most damages that are restored where the caller named none. */
const MOST_UNASKED = 2;

/**
 * Runs the mask network on the coarsest level, and on the next finer one where
 * no damage is sure at the coarsest: thin streaks and small drops are only
 * visible there. The canvas of the coarsest level keeps the masks.
 *
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function classify(
  job: Job,
  pyramid: Pyramid,
  coarsest: Canvas<Session, DeviceImage>,
): Promise<Classification> {
  const { loaded, settings } = job;
  const { tasks: asked, minConfidence } = settings;
  const model = await loaded.load({ kind: "mask" }, settings);
  const look = (
    canvas: Canvas<Session, DeviceImage>,
    level: number,
    tasks: readonly Task[],
  ): ReturnType<typeof predictFittingMasks> =>
    predictFittingMasks(canvas, pyramid.sizes[level]!, model, tasks, settings);
  const channels = channelsOf(model.entry);
  const known = TASKS.filter((task) => channels.includes(task));
  const wanted = asked === "auto" || asked.length > 1
    ? known
    : known.filter((task) => asked.includes(task));
  // The pass needs a mask to keep; it returns probabilities of all channels.
  const masked = wanted.length > 0 ? wanted : known.slice(0, 1);
  const first = await look(coarsest, pyramid.coarsest, masked);
  let { probabilities } = first;
  const finer = pyramid.coarsest - 1;
  const sure = likely(probabilities, minConfidence).length > 0;
  if (asked === "auto" && finer >= 0 && !sure) {
    const image = await pyramid.level(finer);
    const second = await withCanvas(
      job,
      image,
      (canvas) => look(canvas, finer, known.slice(0, 1)),
    );
    probabilities = either(probabilities, second.probabilities);
  }
  const models = [modelUse(model)];
  if (asked === "auto") {
    const others = await askOwnMasks(job, pyramid, model.entry, probabilities);
    probabilities = either(probabilities, others.probabilities);
    models.push(...others.models);
  }
  return {
    probabilities,
    tasks: asked === "auto"
      ? await bySeverity(
        coarsest,
        masked,
        likely(probabilities, Math.min(NAMED, minConfidence))
          .slice(0, MOST_UNASKED),
      )
      : asked,
    sure: asked === "auto" ? likely(probabilities, minConfidence) : asked,
    models,
    cut: first.cut,
    asked: first.asked,
    masked,
  };
}

/**
 * Asks damages' own mask models: where the general one has no plane for a
 * damage, and where it doubts one whose own model sees the image whole. Such a
 * model is right where it is sure, and misses much.
 *
 * @param found What the general model says.
 */
async function askOwnMasks(
  job: Job,
  pyramid: Pyramid,
  general: ModelEntry,
  found: Probabilities,
): Promise<Pick<Classification, "probabilities" | "models">> {
  const { loaded, settings } = job;
  const known = channelsOf(general);
  const doubted = (task: Task): boolean =>
    found[task] >= DOUBTED && found[task] < settings.minConfidence;
  let probabilities = probabilitiesOf(() => 0);
  const models: ModelUse[] = [];
  for (const task of TASKS) {
    const own = loaded.ownMask(task);
    if (own === undefined) continue;
    const { whole } = loaded.find(own);
    const needed = !known.includes(task) ||
      (whole !== undefined && doubted(task));
    if (!needed) continue;
    const model = await loaded.load(own, settings);
    const image = await pyramid.level(pyramid.coarsest);
    const size = networkInputSize(image, whole);
    const seen = await withCanvas(
      job,
      image,
      (canvas) => predictFittingMasks(canvas, size, model, [task], settings),
      whole,
    );
    probabilities = either(
      probabilities,
      probabilitiesOf((other) => other === task ? seen.probabilities[task] : 0),
    );
    models.push(modelUse(model));
  }
  return { probabilities, models };
}

/**
 * Sorts damages by the mean of their masks, largest first; those without a mask
 * come last.
 */
async function bySeverity(
  canvas: Canvas<Session, DeviceImage>,
  masked: readonly Task[],
  tasks: readonly Task[],
): Promise<readonly Task[]> {
  if (tasks.length < 2) return tasks;
  const severities = new Map<Task, number>();
  for (const task of tasks) {
    if (!masked.includes(task)) continue;
    const { counts } = await canvas.mask(task);
    severities.set(task, counts.reduce((sum, n, value) => sum + n * value, 0));
  }
  const severity = (task: Task): number => severities.get(task) ?? 0;
  return tasks.toSorted((a, b) => severity(b) - severity(a));
}
