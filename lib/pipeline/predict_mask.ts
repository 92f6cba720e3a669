/** The first loop over the tiles: finds where damage is, and of what kind. */
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas, TileIndex } from "../runtime/canvas/canvas.ts";
import { LimpidError } from "../errors.ts";
import { channelsOf } from "../models/manifest.ts";
import type { Model } from "./loaded_models.ts";
import {
  MULTIPLE,
  type Size,
  type Span,
  type Tile,
  TilePlan,
  type TileSize,
} from "../tiling/tile_plan.ts";
import type { Probabilities, Task } from "../types.ts";
import { resolveTileSize, type TileSettings } from "../tiling/tile_size.ts";
import { retryWithSmallerTiles } from "./retry_smaller_tiles.ts";
import { AttentionPooling } from "./verdict.ts";
import { checkAborted, type JobControl, progressOf } from "../job_control.ts";

/**
 * Runs the mask network over all tiles of an image; the canvas keeps the masks.
 *
 * @param tasks Tasks whose masks to keep; those that the network has no plane
 * for are ignored.
 * @returns how probable each damage is
 * @throws {LimpidError} `aborted`, `model-missing` where the network has a
 * plane for none of `tasks`, `model-corrupt`, `device-failed`, `out-of-memory`
 */
export async function predictMasks(
  canvas: Canvas<Session, DeviceImage>,
  size: Size,
  cut: TileSize,
  { entry, session }: Model,
  tasks: readonly Task[],
  control: JobControl,
): Promise<Probabilities> {
  const channels = channelsOf(entry);
  const kept = tasks.filter((task) => channels.includes(task));
  if (kept.length === 0) {
    throw new LimpidError(
      "model-missing",
      `The mask model ${entry.id} does not find ${
        tasks.join(", ")
      }; add one that does to the manifest.`,
    );
  }
  await canvas.beginMasks(cut, { channels, kept });
  const pool = await gather(
    canvas,
    size,
    cut,
    channels,
    (at) => canvas.maskTile(at, session),
    control,
  );
  return pool.probabilities();
}

/** As {@linkcode predictMasks}, with smaller tiles where memory does not suffice. */
export async function predictFittingMasks(
  canvas: Canvas<Session, DeviceImage>,
  size: Size,
  model: Model,
  tasks: readonly Task[],
  settings: JobControl & TileSettings,
): Promise<
  { probabilities: Probabilities; cut: TileSize; asked: TileSize }
> {
  const asked = resolveTileSize(model.entry, settings);
  const { value, cut } = await retryWithSmallerTiles(
    size,
    asked,
    (cut) => predictMasks(canvas, size, cut, model, tasks, settings),
  );
  return { probabilities: value, cut, asked };
}

/**
 * Runs a mask network that has no mask output, and fills the task's mask with
 * its probability: one number for the whole image, the sigmoid of the task's
 * score.
 *
 * @returns that probability, 0..1
 * @throws {LimpidError} as {@linkcode predictMasks}
 */
export async function predictBlurLevel(
  canvas: Canvas<Session, DeviceImage>,
  size: Size,
  cut: TileSize,
  { entry, session }: Model,
  task: Task,
  control: JobControl,
): Promise<number> {
  const channels = channelsOf(entry);
  await canvas.beginMasks(cut, { channels, kept: [] });
  const pool = await gather(
    canvas,
    size,
    cut,
    channels,
    (at) => canvas.evidenceTile(at, session),
    control,
  );
  const extent = pool.probability(task);
  await canvas.fillMask(task, extent);
  return extent;
}

/** Runs a network over all tiles, and pools their evidence. */
async function gather(
  canvas: Canvas<Session, DeviceImage>,
  { width, height }: Size,
  cut: TileSize,
  channels: readonly string[],
  look: (at: TileIndex) => Promise<void>,
  control: JobControl,
): Promise<AttentionPooling> {
  const plan = new TilePlan(width, height, cut);
  const seen: Tile[] = [];
  for (const [line, { tiles }] of [...plan.lines()].entries()) {
    for (const [index, tile] of tiles.entries()) {
      checkAborted(control);
      await look({ line, tile: index });
      seen.push(tile);
      control.onProgress(progressOf("mask", seen.length, plan.total));
    }
  }
  const pool = new AttentionPooling(channels);
  for (const [index, found] of (await canvas.evidence()).entries()) {
    const tile = seen[index]!;
    pool.add(
      {
        ...found,
        width: tile.width / MULTIPLE,
        height: tile.height / MULTIPLE,
      },
      tileCells(plan.x.cells(tile.column), tile.x),
      tileCells(plan.y.cells(tile.row), tile.y),
    );
  }
  return pool;
}

/** Cells of the image, numbered from the corner of a tile. */
function tileCells({ from, to }: Span, origin: number): Span {
  return { from: from - origin / MULTIPLE, to: to - origin / MULTIPLE };
}
