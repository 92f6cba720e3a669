/**
 * Tells from samples whether a fine level still shows damage: running the mask
 * network on all of it would cost as much as restoring it.
 */
import { resolveTileSize } from "../tiling/tile_size.ts";
import { type MaskCurve, maskStats } from "../pixels/mask.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import { predictMasks } from "./predict_mask.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Task } from "../types.ts";
import { type Job, withCanvas } from "./job.ts";

/** Side of a sample in pixels. */
const SIDE = 256;
/** Samples across and down. */
const GRID = 3;
/** Least share of damaged pixels in the samples. */
const LEAST_COVERAGE = 0.02;

/** @throws {LimpidError} `device-failed`, `out-of-memory`, `aborted` */
export async function showsDamage(
  job: Job,
  image: PackedRaster,
  { task, curve }: { readonly task: Task; readonly curve: MaskCurve },
): Promise<boolean> {
  const { loaded, settings, stopwatch } = job;
  const samples = samplesOf(image);
  return await stopwatch.time("mask", async () => {
    const query = loaded.ownMask(task) ?? { kind: "mask" };
    const model = await loaded.load(query, settings);
    const cut = resolveTileSize(model.entry, settings);
    return await withCanvas(job, samples, undefined, async (canvas) => {
      await predictMasks(canvas, samples, cut, model, [task], settings);
      const { counts } = await canvas.mask(task);
      return maskStats(counts, curve.threshold).coverage >= LEAST_COVERAGE;
    });
  });
}

/** Size of the result of `samplesOf`. */
export function samplesSize({ width, height }: Size): Size {
  return {
    width: GRID * Math.min(SIDE, Math.floor(width / GRID)),
    height: GRID * Math.min(SIDE, Math.floor(height / GRID)),
  };
}

/** Parts of the image, evenly spread over it, joined to one small image. */
export function samplesOf(
  { width, height, pixels }: PackedRaster,
): PackedRaster {
  const size = samplesSize({ width, height });
  const [across, down] = [size.width / GRID, size.height / GRID];
  if (across === 0 || down === 0) {
    return {
      width,
      height,
      pixels,
      data: new Uint8ClampedArray(pixels.buffer),
    };
  }
  const samples = new Uint32Array(
    new SharedArrayBuffer(4 * size.width * size.height),
  );
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const left = Math.floor((column + 0.5) * width / GRID - across / 2);
      const top = Math.floor((row + 0.5) * height / GRID - down / 2);
      for (let y = 0; y < down; y++) {
        const from = (top + y) * width + left;
        samples.set(
          pixels.subarray(from, from + across),
          (row * down + y) * size.width + column * across,
        );
      }
    }
  }
  return {
    ...size,
    pixels: samples,
    data: new Uint8ClampedArray(samples.buffer),
  };
}
