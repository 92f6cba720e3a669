/** Restores one level of the pyramid and carries the result to finer ones. */
import { blendByMask } from "../pixels/blend_by_mask.ts";
import { enlargeMask } from "../pixels/bilinear.ts";
import { weightByByte } from "../pixels/mask.ts";
import { reduceMask } from "../pixels/reduce.ts";
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas } from "../runtime/canvas/canvas.ts";
import type { Size, TileSize } from "../tiling/tile_plan.ts";
import { resolveTileSize } from "../tiling/tile_size.ts";
import type { Mask, ModelUse, Task } from "../types.ts";
import type { DamagePlan, DamageResult } from "./damage_plan.ts";
import { type Job, modelUse, partOfJob } from "./job.ts";
import { LEVEL_PARTS } from "./parts.ts";
import type { Pyramid } from "./pyramid.ts";
import { type Restoration, restoreTiles } from "./restore_tiles.ts";
import { retryWithSmallerTiles } from "./retry_smaller_tiles.ts";
import { countTiles, type TileCounts } from "./tile_counts.ts";

/** A canvas of the coarsest level that has the masks of the general mask network already. */
export interface MaskedCanvas {
  readonly canvas: Canvas<Session, DeviceImage>;
  readonly cut: TileSize;
  readonly asked: TileSize;
  /** Tasks whose masks the canvas has. */
  readonly masked: readonly Task[];
}

/** A level that was restored, with what the levels before it restored. */
export interface Passed {
  readonly index: number;
  /** `null` where nothing was restored. */
  readonly restoration: Pick<Restoration, "image"> | null;
  readonly mask: Mask;
}

/** The result of one level. */
export interface LevelResult extends Passed {
  readonly restoration: Restoration | null;
  readonly tiles: TileCounts;
  readonly models: readonly ModelUse[];
}

/** A level with what the coarser levels restored. */
export interface Arrived {
  readonly image: DeviceImage;
  /** Where those found damage; `null` where there are none. */
  readonly mask: Mask | null;
}

/** The damage of one level, and how it was found. */
export interface Located
  extends Pick<LevelResult, "index" | "mask" | "models"> {
  readonly cut: TileSize;
  readonly asked: TileSize;
}

/** Restores what was found on a canvas, if the plan says so. */
export async function restoreLevel(
  job: Job,
  canvas: Canvas<Session, DeviceImage>,
  pyramid: Pyramid,
  { task, entry, curve, restores }: DamagePlan,
  { index, mask, models, ...found }: Located,
): Promise<LevelResult> {
  if (!restores) {
    const tiles = countTiles(mask, found.cut, found.asked, 0);
    return { index, restoration: null, mask, tiles, models };
  }
  const part = partOfJob(job, LEVEL_PARTS.restore);
  const { loaded, settings, stopwatch, images } = part;
  const user = userMaskAt(settings.mask, mask, pyramid.coarsest === 0);
  const asked = resolveTileSize(entry, settings);
  const used: ModelUse[] = [];
  const { value, cut } = await stopwatch.time(
    "restore",
    () =>
      retryWithSmallerTiles(mask, asked, async (cut) => {
        const tiles = await canvas.beginRestore(cut, { task, curve, user });
        if (tiles.length === 0) return null;
        const model = await loaded.load({ kind: "restore", task }, settings);
        const done = await restoreTiles(canvas, tiles, model, settings);
        images.add(done.image);
        used.push(modelUse(model));
        return done;
      }),
  );
  return {
    index,
    restoration: value,
    mask,
    tiles: countTiles(mask, cut, asked, value?.restored ?? 0),
    models: [...models, ...used],
  };
}

/**
 * A level with the restoration of the coarser level before it, and that level's
 * mask, enlarged.
 */
export async function carryOver(
  { loaded, images }: Job,
  pyramid: Pyramid,
  index: number,
  before: Passed | null,
  { curve }: DamagePlan,
): Promise<Arrived> {
  const finer = await pyramid.level(index);
  if (before === null) return { image: finer, mask: null };
  const { restoration, mask } = before;
  if (restoration === null) {
    return { image: finer, mask: enlargeMask(mask, finer) };
  }
  const { image, mask: enlarged } = await loaded.backend.refine({
    finer,
    coarser: await pyramid.level(before.index),
    restored: restoration.image,
    mask,
    weights: weightByByte(curve),
  });
  return { image: images.add(image), mask: enlarged };
}

/**
 * The full-size image with the restoration of the last level, limited by the
 * caller's mask and strength.
 */
export async function finishLevels(
  job: Job,
  pyramid: Pyramid,
  last: Passed,
  plan: DamagePlan,
): Promise<Pick<DamageResult, "image" | "mask">> {
  const original = await pyramid.level(0);
  const done = last.index > 0
    ? await carryOver(job, pyramid, 0, last, plan)
    : { image: last.restoration?.image ?? original, mask: last.mask };
  const { mask: user, strength } = job.settings;
  // Of an image of one level the restorer's pass has applied both.
  const limited = (user !== null || strength < 1) && pyramid.coarsest > 0 &&
    done.image !== original;
  return {
    image: limited ? await limit(job, original, done.image) : done.image,
    mask: done.mask!,
  };
}

async function limit(
  { loaded, images, settings: { mask, strength } }: Job,
  original: DeviceImage,
  restored: DeviceImage,
): Promise<DeviceImage> {
  const limited = blendByMask(
    await original.read(),
    await restored.read(),
    original,
    mask,
    strength,
  );
  return images.add(await loaded.backend.put(limited));
}

/**
 * The caller's mask for a level. A reduced mask only says which pixels may be
 * changed at all; `finishLevels` applies its values after the last level.
 *
 * @param only Whether the image has no other level.
 */
function userMaskAt(
  mask: Mask | null,
  { width, height }: Size,
  only: boolean,
): Mask | null {
  if (mask === null || only) return mask;
  const { data } = reduceMask(mask, { width, height });
  return { width, height, data: data.map((value) => value > 0 ? 255 : 0) };
}
