/** An image in ordinary memory, for networks that run on the processor. */
import { BufferPool } from "../../tiling/buffer_pool.ts";
import type { Tensor } from "../backend.ts";
import type { Network } from "../onnx_network.ts";
import { copyBytes } from "../../pixels/copy_bytes.ts";
import { CORRECTED, type Correction } from "../../pixels/color_correction.ts";
import { BlendWeights, histogram } from "../../pixels/mask.ts";
import {
  emptyRaster,
  maskPlane,
  type PackedRaster,
  rgbPlanes,
} from "../../pixels/planes.ts";
import { maskThumbnail, THUMB, thumbnail } from "../../pixels/thumbnail.ts";
import { type Band, offset, TileBlend } from "../../tiling/tile_blend.ts";
import {
  onlyTile,
  type Rectangle,
  type Tile,
  TilePlan,
  type TileRow,
  type TileSize,
} from "../../tiling/tile_plan.ts";
import type { CanvasTimes, Mask, Task } from "../../types.ts";
import type {
  Evidence,
  Guidance,
  MaskPass,
  MaskPlane,
  TileIndex,
} from "./canvas.ts";
import { CanvasStopwatch } from "./canvas_stopwatch.ts";
import { type KeptPlanes, keptPlanes } from "./kept_planes.ts";
import { damagedTiles } from "./damaged_tiles.ts";
import { TileRowCursor } from "../../tiling/tile_rows.ts";
import {
  checkDims,
  checkNumbers,
  correctionDims,
  evidenceDims,
  maskDims,
  restoredDims,
} from "./outputs.ts";
import type { ReducedCanvas } from "./downscaled_canvas.ts";

/** A {@linkcode Canvas} on arrays. */
export class ArrayCanvas implements ReducedCanvas<Network, PackedRaster> {
  readonly #image: PackedRaster;
  readonly #thumb: Float32Array<ArrayBuffer>;
  readonly #watch = new CanvasStopwatch();
  readonly #memory = new BufferPool();
  /** Of the mask network. */
  #channels = 0;
  #kept: KeptPlanes = { first: 0, tasks: [] };
  #evidence: Evidence[] = [];
  #masks = new Map<Task, Uint8ClampedArray<ArrayBuffer>>();
  #pass: Pass | null = null;
  #restoring: Restoring | null = null;

  constructor(image: PackedRaster) {
    this.#image = image;
    this.#thumb = this.#watch.sync("cut", () => thumbnail(image));
  }

  beginMasks(cut: TileSize, pass: MaskPass): Promise<void> {
    const { width, height } = this.#image;
    this.#masks = new Map(
      pass.kept.map((task) => [task, new Uint8ClampedArray(width * height)]),
    );
    this.#evidence = [];
    this.#channels = pass.channels.length;
    this.#kept = keptPlanes(pass);
    const planes = this.#kept.tasks.map((task) =>
      task === null ? null : this.#masks.get(task)!
    );
    this.#begin(cut, planes.length, (band, { done }) => {
      quantise(band, done, planes, width);
    });
    return Promise.resolve();
  }

  async maskTile(at: TileIndex, network: Network): Promise<void> {
    const { tile, blend } = await this.#enter(at);
    const feeds = { image: this.#imageInput(tile), thumb: this.#thumbInput() };
    const outputs = await this.#run(network, feeds);
    checkDims(network.id, outputs, maskDims(tile, this.#channels));
    const { data } = outputs["mask"]!;
    const plane = data.length / this.#channels;
    const { first, tasks } = this.#kept;
    const mask = data.subarray(first * plane, (first + tasks.length) * plane);
    checkNumbers(network.id, mask);
    this.#keepEvidence(network, outputs);
    this.#watch.sync("blend", () => blend.add(tile, mask));
  }

  async evidenceTile(at: TileIndex, network: Network): Promise<void> {
    const { tile } = await this.#enter(at);
    const outputs = await this.#run(network, { image: this.#imageInput(tile) });
    checkDims(network.id, outputs, evidenceDims(tile, this.#channels));
    this.#keepEvidence(network, outputs);
  }

  #keepEvidence({ id }: Network, outputs: Record<string, Tensor>): void {
    const { data: evidence } = outputs["evidence"]!;
    const { data: attention } = outputs["attention"]!;
    for (const values of [evidence, attention]) checkNumbers(id, values);
    this.#evidence.push({ evidence, attention });
  }

  evidence(): Promise<readonly Evidence[]> {
    const found = this.#evidence;
    this.#evidence = [];
    return Promise.resolve(found);
  }

  fillMask(task: Task, value: number): Promise<void> {
    const { width, height } = this.#image;
    const mask = new Uint8ClampedArray(width * height).fill(value * 255);
    this.#masks = new Map([[task, mask]]);
    return Promise.resolve();
  }

  async mask(task: Task): Promise<MaskPlane> {
    await this.#pass?.walk.end();
    // A copy, since the Worker hands it over to the caller's thread.
    const data = new Uint8Array(this.#masks.get(task)!);
    return { data, counts: histogram(data) };
  }

  async beginRestore(
    cut: TileSize,
    { task, curve, user }: Guidance,
  ): Promise<readonly TileIndex[]> {
    const { width, height, data } = this.#image;
    const plane = this.#masks.get(task)!;
    this.#masks = new Map([[task, plane]]);
    const mask = { width, height, data: new Uint8Array(plane.buffer) };
    const restoring: Restoring = {
      mask,
      thumb: this.#watch.sync("cut", () => maskThumbnail(mask)),
      output: emptyRaster({ width: 0, height: 0 }),
    };
    const weights = new BlendWeights(mask, curve, user);
    const lines = this.#begin(cut, 3, (band, { done }) => {
      composite(band, done, this.#image, weights, restoring.output.data);
    });
    this.#restoring = restoring;
    const tiles = damagedTiles(lines, weights);
    // Where nothing is restored nobody asks for it.
    if (tiles.length > 0) {
      restoring.output = emptyRaster({ width, height });
      const { buffer } = restoring.output.pixels;
      await copyBytes([data], new Uint8Array(buffer));
    }
    return tiles;
  }

  async restoreTile(at: TileIndex, network: Network): Promise<void> {
    const { tile, blend } = await this.#enter(at);
    const { mask, thumb } = this.#restoring!;
    const feeds = this.#restorerFeeds(tile, mask, thumb);
    const outputs = await this.#run(network, feeds);
    checkDims(network.id, outputs, restoredDims(tile));
    const { data } = outputs["restored"]!;
    checkNumbers(network.id, data);
    this.#watch.sync("blend", () => blend.add(tile, data));
  }

  async correction(mask: Mask, network: Network): Promise<Correction> {
    const tile = onlyTile(mask.width, mask.height);
    const thumb = this.#watch.sync("cut", () => maskThumbnail(mask));
    const feeds = this.#restorerFeeds(tile, mask, thumb);
    const outputs = await this.#run(network, feeds);
    checkDims(network.id, outputs, correctionDims(tile));
    const { data } = outputs["correction"]!;
    checkNumbers(network.id, data);
    return {
      width: tile.width / CORRECTED,
      height: tile.height / CORRECTED,
      data,
    };
  }

  async composite(): Promise<PackedRaster> {
    await this.#pass?.walk.end();
    const { output } = this.#restoring!;
    this.#restoring = null;
    return output;
  }

  close(): Promise<CanvasTimes> {
    this.#masks.clear();
    this.#pass = this.#restoring = null;
    return Promise.resolve(this.#watch.times);
  }

  #run(
    network: Network,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>> {
    return this.#watch.time("network", () => network.run(feeds));
  }

  #begin(
    cut: TileSize,
    channels: number,
    finish: (band: Band, line: TileRow) => void,
  ): readonly TileRow[] {
    const { width, height } = this.#image;
    const plan = new TilePlan(width, height, cut);
    const blend = new TileBlend(plan, channels, this.#memory);
    const lines = [...plan.lines()];
    const walk = new TileRowCursor(lines, {
      begin: (line) => blend.begin(line),
      end: (line) =>
        this.#watch.sync("blend", () => finish(blend.sums(), line)),
    });
    this.#pass = { blend, walk };
    return lines;
  }

  async #enter(at: TileIndex): Promise<{ tile: Tile; blend: TileBlend }> {
    const { blend, walk } = this.#pass!;
    const line = await walk.at(at.line);
    return { tile: line.tiles[at.tile]!, blend };
  }

  #restorerFeeds(
    tile: Rectangle,
    mask: Mask,
    thumb: Float32Array<ArrayBuffer>,
  ): Readonly<Record<string, Tensor>> {
    return {
      image: this.#imageInput(tile),
      mask: {
        data: this.#watch.sync(
          "cut",
          () => maskPlane(mask, tile, this.#floats("mask", tile, 1)),
        ),
        dims: [1, 1, tile.height, tile.width],
      },
      thumb: this.#thumbInput(),
      thumb_mask: { data: thumb, dims: [1, 1, THUMB, THUMB] },
    };
  }

  #imageInput(tile: Rectangle): Tensor {
    return {
      data: this.#watch.sync(
        "cut",
        () => rgbPlanes(this.#image, tile, this.#floats("image", tile, 3)),
      ),
      dims: [1, 3, tile.height, tile.width],
    };
  }

  #floats(
    name: string,
    { width, height }: Rectangle,
    channels: number,
  ): Float32Array<ArrayBuffer> {
    return this.#memory.floats(name, channels * width * height);
  }

  #thumbInput(): Tensor {
    return { data: this.#thumb, dims: [1, 3, THUMB, THUMB] };
  }
}

/** A pass under way. */
interface Pass {
  readonly blend: TileBlend;
  readonly walk: TileRowCursor;
}

/** What the restorer's pass needs and gathers. */
interface Restoring {
  readonly mask: Mask;
  readonly thumb: Float32Array<ArrayBuffer>;
  /** The image, restored line by line; empty until it is known that there is something to restore. */
  output: ReturnType<typeof emptyRaster>;
}

/** Writes the masks that a line has finished, 0..1, into the planes as bytes. */
export function quantise(
  { area, data }: Band,
  done: Rectangle,
  planes: readonly (Uint8ClampedArray | null)[],
  width: number,
): void {
  planes.forEach((plane, c) => {
    if (plane === null) return;
    for (let y = done.y; y < done.y + done.height; y++) {
      let from = offset(area, c, done.x, y);
      let to = y * width + done.x;
      // A clamped array rounds, and limits to 0..255.
      for (let x = 0; x < done.width; x++) plane[to++] = data[from++]! * 255;
    }
  });
}

/** Writes I + guide * (J' - I) over what a line has finished. */
export function composite(
  { area, data }: Band,
  done: Rectangle,
  image: PackedRaster,
  weights: BlendWeights,
  output: Uint8ClampedArray,
): void {
  const plane = area.width * area.height;
  for (let y = done.y; y < done.y + done.height; y++) {
    let from = offset(area, 0, done.x, y);
    let pixel = y * image.width + done.x;
    for (let x = 0; x < done.width; x++, pixel++, from++) {
      const share = weights.at(pixel);
      if (share === 0) continue;
      for (let c = 0; c < 3; c++) {
        const at = pixel * 4 + c;
        const before = image.data[at]!;
        const after = data[from + c * plane]! * 255;
        output[at] = before + share * (after - before);
      }
    }
  }
}
