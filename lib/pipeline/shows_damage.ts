/**
 * Tells from samples whether a fine level still shows damage: running the mask
 * network on all of it would cost as much as restoring it.
 */
import { resolveTileSize } from "../tiling/tile_size.ts";
import { type MaskCurve, maskStats } from "../pixels/mask.ts";
import type { DeviceImage } from "../runtime/backend.ts";
import { predictMasks } from "./predict_mask.ts";
import type { Task } from "../types.ts";
import { partOf } from "../job_control.ts";
import { type Job, withCanvas } from "./job.ts";
import { LEVEL_PARTS } from "./parts.ts";

/** Least share of damaged pixels in the samples. */
const LEAST_COVERAGE = 0.02;

/** @throws {LimpidError} `device-failed`, `out-of-memory`, `aborted` */
export async function showsDamage(
  job: Job,
  image: DeviceImage,
  { task, curve }: { readonly task: Task; readonly curve: MaskCurve },
): Promise<boolean> {
  const { loaded, stopwatch } = job;
  const settings = partOf(job.settings, ...LEVEL_PARTS.samples);
  return await stopwatch.time("mask", async () => {
    const query = loaded.ownMask(task) ?? { kind: "mask" };
    const model = await loaded.load(query, settings);
    const cut = resolveTileSize(model.entry, settings);
    using samples = await loaded.backend.sample(image);
    return await withCanvas(job, samples, async (canvas) => {
      await predictMasks(canvas, samples, cut, model, [task], settings);
      const { counts } = await canvas.mask(task);
      return maskStats(counts, curve.threshold).coverage >= LEAST_COVERAGE;
    });
  });
}
