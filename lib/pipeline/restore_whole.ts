/** Restores damage for which the network must see the whole image: haze. */
import { networkInputSize } from "../pixels/reduce.ts";
import type { ModelUse } from "../types.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import { predictMasks } from "./predict_mask.ts";
import type { Pyramid } from "./pyramid.ts";
import { restoreTiles } from "./restore_tiles.ts";
import { resolveTileSize } from "../tiling/tile_size.ts";
import { countTiles } from "./tile_counts.ts";
import { partOf } from "../job_control.ts";
import { LEVEL_PARTS } from "./parts.ts";

/** The networks see the image reduced to the longest side that the manifest names. */
export async function restoreWhole(
  job: Job,
  pyramid: Pyramid,
  { task, entry, curve, restores }: DamagePlan,
): Promise<DamageResult> {
  const { loaded, settings, stopwatch, images } = job;
  const locating = partOf(settings, ...LEVEL_PARTS.mask);
  const restoring = partOf(settings, ...LEVEL_PARTS.restore);
  const maxSide = entry.whole!;
  const image = await pyramid.level(0);
  const seen = networkInputSize(image, maxSide);
  const cut = resolveTileSize(entry);
  return await withCanvas(job, image, async (canvas) => {
    const models: ModelUse[] = [];
    const mask = await stopwatch.time("mask", async () => {
      const query = loaded.ownMask(task) ?? { kind: "mask" };
      const model = await loaded.load(query, locating);
      await predictMasks(canvas, seen, cut, model, [task], locating);
      models.push(modelUse(model));
      const { data } = await canvas.mask(task);
      return { width: image.width, height: image.height, data };
    });
    if (!restores) {
      const tiles = countTiles(seen, cut, cut, 0);
      return { image, mask, tiles, levels: [], models };
    }
    const guidance = { task, curve, user: settings.mask };
    const done = await stopwatch.time("restore", async () => {
      const tiles = await canvas.beginRestore(cut, guidance);
      if (tiles.length === 0) return null;
      const model = await loaded.load({ kind: "restore", task }, restoring);
      const restored = await restoreTiles(canvas, tiles, model, restoring);
      images.add(restored.image);
      models.push(modelUse(model));
      return restored;
    });
    return {
      image: done?.image ?? image,
      mask,
      tiles: countTiles(seen, cut, cut, done?.restored ?? 0),
      levels: [],
      models,
    };
  }, maxSide);
}
