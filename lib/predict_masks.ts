/** The first loop over the tiles: where is damage, and of what kind. */
import { type Model, runModel } from "./model.ts";
import { type PackedRaster, rgbPlanes } from "./planar.ts";
import { THUMB } from "./thumbnail.ts";
import { offset, TileBlend } from "./tile_blend.ts";
import { type Line, MULTIPLE, type Tile, type TilePlan } from "./tiles.ts";
import { CLASSES, type Mask, type Task, TASKS, type Verdict } from "./types.ts";
import { VerdictPool } from "./verdict.ts";
import { checkAborted, type Watch } from "./watch.ts";

/** What the mask network finds. */
export interface Prediction {
  /**
   * A mask for each task that was asked for, in bytes. They are rounded here
   * and nowhere else: restorer, blending and caller see the same numbers.
   */
  readonly masks: ReadonlyMap<Task, Mask>;
  /** Of every class, summing to 1. */
  readonly probabilities: Readonly<Record<Verdict, number>>;
}

/**
 * Runs the mask network over all tiles.
 *
 * @param thumb The picture's thumbnail.
 * @param tasks Whose masks to keep: all of them, where the verdict is to choose.
 * @throws {LimpidError} `aborted`, `model-corrupt`, `device-failed`
 */
export async function predictMasks(
  picture: PackedRaster,
  thumb: Float32Array<ArrayBuffer>,
  plan: TilePlan,
  model: Model,
  tasks: readonly Task[],
  watch: Watch,
): Promise<Prediction> {
  const { width, height } = picture;
  const planes = tasks.map(() => new Uint8ClampedArray(width * height));
  const pool = new VerdictPool();
  const blend = new TileBlend(plan, tasks.length);
  let done = 0;
  for (const line of plan.lines()) {
    blend.begin(line);
    for (const tile of line.tiles) {
      checkAborted(watch);
      const [across, down] = [tile.width / MULTIPLE, tile.height / MULTIPLE];
      const { mask, evidence, attention } = await runModel(model, {
        image: {
          data: rgbPlanes(picture, tile),
          dims: [1, 3, tile.height, tile.width],
        },
        thumb: { data: thumb.slice(), dims: [1, 3, THUMB, THUMB] },
      }, {
        mask: [1, TASKS.length, tile.height, tile.width],
        evidence: [1, CLASSES.length, down, across],
        attention: [1, CLASSES.length, down, across],
      });
      blend.add(tile, channelsOf(mask, tile, tasks));
      pool.add(
        { evidence, attention, width: across, height: down },
        tileCells(plan.x.cells(tile.column), tile.x),
        tileCells(plan.y.cells(tile.row), tile.y),
      );
      watch.onProgress({ stage: "mask", done: ++done, total: plan.total });
    }
    quantise(blend, line, planes, width);
  }
  const masks = new Map(
    tasks.map((task, i): [Task, Mask] => [
      task,
      { width, height, data: new Uint8Array(planes[i]!.buffer) },
    ]),
  );
  return { masks, probabilities: pool.probabilities() };
}

/** The channels of some tasks: all, or one. */
function channelsOf(
  mask: Float32Array,
  { width, height }: Tile,
  tasks: readonly Task[],
): Float32Array {
  if (tasks.length === TASKS.length) return mask;
  const size = width * height;
  const values = new Float32Array(tasks.length * size);
  tasks.forEach((task, i) => {
    const channel = TASKS.indexOf(task) * size;
    values.set(mask.subarray(channel, channel + size), i * size);
  });
  return values;
}

/** Cells of the picture, numbered from the corner of a tile. */
function tileCells(
  { from, to }: { readonly from: number; readonly to: number },
  origin: number,
): { from: number; to: number } {
  return { from: from - origin / MULTIPLE, to: to - origin / MULTIPLE };
}

/** Writes what a line has finished into the planes, 0..1 as 0..255. */
function quantise(
  blend: TileBlend,
  { done }: Line,
  planes: readonly Uint8ClampedArray[],
  width: number,
): void {
  const { area, data } = blend.sums();
  planes.forEach((plane, c) => {
    for (let y = done.y; y < done.y + done.height; y++) {
      let from = offset(area, c, done.x, y);
      let to = y * width + done.x;
      // A clamped array rounds, and limits to 0..255.
      for (let x = 0; x < done.width; x++) plane[to++] = data[from++]! * 255;
    }
  });
}
