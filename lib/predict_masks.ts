/** The first loop over the tiles: where is damage, and of what kind. */
import type { Session } from "./backend/backend.ts";
import type { Canvas } from "./canvas/canvas.ts";
import type { Model } from "./model.ts";
import { type Cut, MULTIPLE, type Size, type Span, TilePlan } from "./tiles.ts";
import type { Task, Verdict } from "./types.ts";
import { VerdictPool } from "./verdict.ts";
import { checkAborted, type Watch } from "./watch.ts";

/**
 * Runs the mask network over all tiles of a picture; the canvas has the masks then.
 *
 * @param tasks Whose masks to keep: all of them, where the verdict is to choose.
 * @returns the probability of every class, summing to 1
 * @throws {LimpidError} `aborted`, `model-corrupt`, `device-failed`, `out-of-memory`
 */
export async function predictMasks(
  canvas: Canvas<Session>,
  { width, height }: Size,
  cut: Cut,
  { session }: Model,
  tasks: readonly Task[],
  watch: Watch,
): Promise<Readonly<Record<Verdict, number>>> {
  const plan = new TilePlan(width, height, cut);
  const pool = new VerdictPool();
  let done = 0;
  await canvas.beginMasks(cut, tasks);
  for (const [line, { tiles }] of [...plan.lines()].entries()) {
    for (const [index, tile] of tiles.entries()) {
      checkAborted(watch);
      const found = await canvas.maskTile({ line, tile: index }, session);
      pool.add(
        {
          ...found,
          width: tile.width / MULTIPLE,
          height: tile.height / MULTIPLE,
        },
        tileCells(plan.x.cells(tile.column), tile.x),
        tileCells(plan.y.cells(tile.row), tile.y),
      );
      watch.onProgress({ stage: "mask", done: ++done, total: plan.total });
    }
  }
  return pool.probabilities();
}

/** Cells of the picture, numbered from the corner of a tile. */
function tileCells({ from, to }: Span, origin: number): Span {
  return { from: from - origin / MULTIPLE, to: to - origin / MULTIPLE };
}
