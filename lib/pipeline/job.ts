/** What the steps of one image share. */
import type { Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import type { LoadedModels } from "./loaded_models.ts";
import type { Model } from "./loaded_models.ts";
import type { Settings } from "../options.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { ModelUse } from "../types.ts";

/** The image's device, its settings, and who measures it. */
export interface Job {
  readonly loaded: LoadedModels;
  readonly settings: Settings;
  readonly stopwatch: Stopwatch;
}

/** Puts an image on the device, works on it, and takes it away. */
export async function withCanvas<T>(
  { loaded, stopwatch }: Job,
  image: PackedRaster,
  maxSide: number | undefined,
  work: (canvas: Canvas<Session>) => Promise<T>,
): Promise<T> {
  const canvas = await loaded.backend.open(image, maxSide);
  let failed = true;
  try {
    const result = await work(canvas);
    failed = false;
    return result;
  } finally {
    const closed = canvas.close().then((t) => stopwatch.addCanvas(t));
    // With the device gone, so is the canvas; the job's own error counts.
    await (failed ? closed.catch(() => {}) : closed);
  }
}

/** What is told of a model that took part. */
export function modelUse({ entry: { id, sha256 }, session }: Model): ModelUse {
  const { precision, precisionReason } = session;
  return { id, sha256, precision, precisionReason };
}
