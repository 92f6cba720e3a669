/** Which damage there is: a glance at the whole picture, at one or two fixed sizes. */
import type { Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import { resolveTileSize } from "../tiling/tile_size.ts";
import { predictMasks } from "./predict_mask.ts";
import { retryWithSmallerTiles } from "./retry_smaller_tiles.ts";
import type { TileSize } from "../tiling/tile_plan.ts";
import {
  type ModelUse,
  type Probabilities,
  type Task,
  TASKS,
} from "../types.ts";
import { either, likely } from "./verdict.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import type { Pyramid } from "./pyramid.ts";

/** What a picture suffers from, and what of it is to be restored. */
export interface Classification {
  readonly probabilities: Probabilities;
  /** The tasks asked for, or the damages that are more probable than not. */
  readonly tasks: readonly Task[];
  /** Those of them that are sure enough to act upon. */
  readonly sure: readonly Task[];
  readonly models: readonly ModelUse[];
  /** How the coarsest level was cut. */
  readonly cut: TileSize;
  readonly asked: TileSize;
}

/** From which probability on a damage is named. */
const NAMED = 0.5;

/** At most so many damages are restored unasked. */
const MOST_UNASKED = 2;

/**
 * Looks at the coarsest level, and at the next one where that says nothing for sure: thin streaks and small drops are only
 * seen there. The canvas of the coarsest level keeps the masks.
 *
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function classify(
  job: Job,
  pyramid: Pyramid,
  coarsest: Canvas<Session>,
): Promise<Classification> {
  const { loaded, settings } = job;
  const { tasks: asked, minConfidence } = settings;
  const model = await loaded.load({ kind: "mask" }, settings);
  const own = resolveTileSize(model.entry, settings);
  const look = (
    canvas: Canvas<Session>,
    level: number,
    tasks: readonly Task[],
  ): Promise<{ value: Probabilities; cut: TileSize }> => {
    const size = pyramid.sizes[level]!;
    return retryWithSmallerTiles(
      size,
      own,
      (cut) => predictMasks(canvas, size, cut, model, tasks, settings),
    );
  };
  const kept = asked === "auto" || asked.length > 1 ? TASKS : asked;
  const first = await look(coarsest, pyramid.coarsest, kept);
  let probabilities = first.value;
  const finer = pyramid.coarsest - 1;
  const sure = likely(probabilities, minConfidence).length > 0;
  if (asked === "auto" && finer >= 0 && !sure) {
    const picture = await pyramid.level(finer);
    const second = await withCanvas(
      job,
      picture,
      undefined,
      (canvas) => look(canvas, finer, TASKS),
    );
    probabilities = either(probabilities, second.value);
  }
  return {
    probabilities,
    tasks: asked === "auto"
      ? await bySeverity(
        coarsest,
        likely(probabilities, NAMED).slice(0, MOST_UNASKED),
      )
      : asked,
    sure: asked === "auto" ? likely(probabilities, minConfidence) : asked,
    models: [modelUse(model)],
    cut: first.cut,
    asked: own,
  };
}

/** The damages that take most of the picture first: the mean of each mask says so. */
async function bySeverity(
  canvas: Canvas<Session>,
  tasks: readonly Task[],
): Promise<readonly Task[]> {
  if (tasks.length < 2) return tasks;
  const severities = new Map<Task, number>();
  for (const task of tasks) {
    const { counts } = await canvas.mask(task);
    severities.set(task, counts.reduce((sum, n, value) => sum + n * value, 0));
  }
  return tasks.toSorted((a, b) => severities.get(b)! - severities.get(a)!);
}
