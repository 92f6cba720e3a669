/** One image, step by step: classify, then find and restore each damage in turn. */
import type { Engine } from "./loaded_models.ts";
import { emptyMask, type Extent, extentOf, histogram } from "../pixels/mask.ts";
import type { ModelQuery } from "../models/store.ts";
import type { Settings } from "../options.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Mask, ModelUse, Task } from "../types.ts";
import { type Classification, classify } from "./classify.ts";
import { type Job, withCanvas } from "./job.ts";
import { mend, rampOf, type Tiles, tilesOf, together, union } from "./mend.ts";
import { Pyramid } from "./pyramid.ts";

/** What was found in an image, and what became of it. */
export interface Outcome
  extends Pick<Classification, "probabilities" | "tasks"> {
  /** The image itself where nothing was restored. */
  readonly picture: PackedRaster;
  /** Those of `tasks` that were restored. */
  readonly restored: readonly Task[];
  readonly mask: Mask;
  readonly extent: Extent;
  readonly tiles: Tiles;
  readonly levels: readonly number[];
  readonly models: readonly ModelUse[];
}

/**
 * @param restores Whether to restore what is sure enough, or only to find it.
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function restoreImage(
  engine: Engine,
  image: PackedRaster,
  settings: Settings,
  stopwatch: Stopwatch,
  restores: boolean,
): Promise<Outcome> {
  const job: Job = { engine, settings, stopwatch };
  if (restores && settings.tasks !== "auto") fetchAhead(job, settings.tasks);
  const pyramid = new Pyramid(engine.backend, image);
  const coarsest = await pyramid.level(pyramid.coarsest);
  return await withCanvas(job, coarsest, undefined, async (canvas) => {
    const found = await stopwatch.time(
      "mask",
      () => classify(job, pyramid, canvas),
    );
    const { width, height } = coarsest;
    let picture = image;
    let mask: Mask | null = null;
    const tiles: Tiles[] = [];
    const levels: number[] = [];
    const models = [...found.models];
    for (const [turn, task] of found.tasks.entries()) {
      const mended = await mend(
        job,
        turn === 0 ? pyramid : new Pyramid(engine.backend, picture),
        task,
        restores && found.sure.includes(task),
        turn === 0 ? { canvas, cut: found.cut, asked: found.asked } : null,
      );
      picture = mended.picture;
      mask = mask === null ? mended.mask : union(mask, mended.mask);
      tiles.push(mended.tiles);
      levels.push(...mended.levels);
      models.push(...mended.models);
    }
    const [first] = found.tasks;
    return {
      probabilities: found.probabilities,
      tasks: found.tasks,
      restored: restores
        ? found.tasks.filter((task) => found.sure.includes(task))
        : [],
      picture,
      mask: mask ?? emptyMask(image.width, image.height),
      extent: mask === null || first === undefined
        ? { coverage: 0, severity: 0 }
        : extentOf(histogram(mask.data), rampOf(job, first).threshold),
      tiles: tiles.length > 0
        ? together(tiles)
        : tilesOf({ width, height }, found.cut, found.asked, 0),
      levels,
      models: eachOnce(models),
    };
  });
}

/** The models of a task, beside the mask network of all. */
export function modelsOf(engine: Engine, task: Task): readonly ModelQuery[] {
  const restore = { kind: "restore", task } as const;
  const own = engine.ownMask(task);
  return own === undefined ? [restore] : [own, restore];
}

function fetchAhead({ engine, settings }: Job, tasks: readonly Task[]): void {
  for (const query of tasks.flatMap((task) => modelsOf(engine, task))) {
    engine.fetchAhead(query, settings);
  }
}

function eachOnce(models: readonly ModelUse[]): readonly ModelUse[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
