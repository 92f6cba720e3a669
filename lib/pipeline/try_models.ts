/** Runs every network once, whatever the image shows. */
import { resolveTileSize } from "../tiling/tile_size.ts";
import type { LoadedModels } from "./loaded_models.ts";
import { givesExtent, type ModelEntry } from "../models/manifest.ts";
import { restoreSettings } from "../options.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import { predictBlurLevel, predictMasks } from "./predict_mask.ts";
import type { DeviceImage } from "../runtime/backend.ts";
import { networkInputSize } from "../pixels/reduce.ts";
import { restoreTiles } from "./restore_tiles.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type Task, TASKS } from "../types.ts";
import { ImageScope } from "./image_scope.ts";
import { type Job, withCanvas } from "./job.ts";
import { modelsOf } from "./restore_image.ts";

/**
 * The models of the preferred size that may be used: the general mask network,
 * then those of each task.
 */
export function modelsInUse(loaded: LoadedModels): readonly ModelEntry[] {
  const queries = [
    { kind: "mask" } as const,
    ...TASKS.flatMap((task) => modelsOf(loaded, task)),
  ];
  return queries.map((query) => loaded.find(query));
}

/**
 * Loads and runs each of {@linkcode modelsInUse}. The image counts as damaged
 * everywhere, so every restorer runs.
 *
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`
 */
export async function tryModels(
  loaded: LoadedModels,
  raster: PackedRaster,
): Promise<void> {
  const settings = restoreSettings({});
  using images = new ImageScope();
  const job: Job = { loaded, settings, stopwatch: new Stopwatch(), images };
  const image = images.add(await loaded.backend.put(raster));
  const general = await loaded.load({ kind: "mask" }, settings);
  await withCanvas(
    job,
    image,
    (canvas) =>
      predictMasks(
        canvas,
        image,
        resolveTileSize(general.entry),
        general,
        TASKS,
        settings,
      ),
  );
  for (const task of TASKS) await tryTask(job, image, task);
}

async function tryTask(
  job: Job,
  image: DeviceImage,
  task: Task,
): Promise<void> {
  const { loaded, settings, images } = job;
  const query = { kind: "restore", task } as const;
  const entry = loaded.find(query);
  const { whole, threshold, softness } = entry;
  const size = networkInputSize(image, whole);
  await withCanvas(job, image, async (canvas) => {
    const mask = await loaded.load(
      loaded.ownMask(task) ?? { kind: "mask" },
      settings,
    );
    const cut = resolveTileSize(mask.entry);
    if (givesExtent(mask.entry)) {
      await predictBlurLevel(canvas, size, cut, mask, task, settings);
    } else {
      await predictMasks(canvas, size, cut, mask, [task], settings);
    }
    await canvas.fillMask(task, 1);
    await canvas.mask(task);
    const tiles = await canvas.beginRestore(resolveTileSize(entry), {
      task,
      // The manifest check ensures that a restorer's are not null.
      curve: { threshold: threshold!, softness: softness!, strength: 1 },
      user: null,
    });
    const restorer = await loaded.load(query, settings);
    const done = await restoreTiles(canvas, tiles, restorer, settings);
    images.add(done.image);
  }, whole);
}
