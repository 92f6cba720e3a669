/** What all steps for one image share. */
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import type { LoadedModels, Model } from "./loaded_models.ts";
import type { Settings } from "../options.ts";
import { partOf } from "../job_control.ts";
import type { Part } from "./parts.ts";
import type { ImageScope } from "./image_scope.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { ModelUse } from "../types.ts";

/** The device's loaded models, the caller's settings, the stopwatch, and the images made on the way. */
export interface Job {
  readonly loaded: LoadedModels;
  readonly settings: Settings;
  readonly stopwatch: Stopwatch;
  readonly images: ImageScope;
}

/** The same job for a part of the work; see {@linkcode partOf}. */
export function partOfJob(job: Job, [from, to]: Part): Job {
  return { ...job, settings: partOf(job.settings, from, to) };
}

/**
 * Opens a canvas for an image, runs `work` on it, and closes it.
 *
 * @param maxSide Longest side of what the networks see; default: the image's own.
 */
export async function withCanvas<T>(
  { loaded, settings, stopwatch }: Job,
  image: DeviceImage,
  work: (canvas: Canvas<Session, DeviceImage>) => Promise<T>,
  maxSide?: number,
): Promise<T> {
  const canvas = await loaded.backend.open(image, maxSide, settings.signal);
  let result: T;
  try {
    result = await work(canvas);
  } catch (error) {
    // A lost device takes its canvas with it, and others' tiles may come before.
    void canvas.close().catch(() => {});
    throw error;
  }
  stopwatch.addCanvas(await canvas.close());
  return result;
}

/** What a result says about a model, once it was used. */
export function modelUse({ entry: { id, sha256 }, session }: Model): ModelUse {
  const { precision, precisionReason, unrecorded } = session;
  const use = { id, sha256, precision, precisionReason };
  return unrecorded === null ? use : { ...use, unrecorded };
}
