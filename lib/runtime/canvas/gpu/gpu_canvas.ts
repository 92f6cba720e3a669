/** An image on a WebGPU device: its bytes go there once, tiles are cut, blended and composed there. */
import type { GpuOutput, GpuTensor } from "../../gpu_tensor.ts";
import type { OnnxNetwork } from "../../onnx_network.ts";
import type { Gpu } from "./gpu.ts";
import { copyBytes } from "../../../pixels/copy_bytes.ts";
import { emptyRaster } from "../../../pixels/planes.ts";
import { LimpidError } from "../../../errors.ts";
import { isOutOfDeviceMemory } from "../../device_errors.ts";
import {
  CORRECTED,
  type Correction,
} from "../../../pixels/color_correction.ts";
import { BlendWeights, histogram, weightByByte } from "../../../pixels/mask.ts";
import {
  LARGEST_TILE,
  type Rectangle,
  type Tile,
  TilePlan,
  type TileRow,
  type TileSize,
} from "../../../tiling/tile_plan.ts";
import type { CanvasTimes, Mask, Task } from "../../../types.ts";
import type {
  Evidence,
  Guidance,
  MaskPass,
  MaskPlane,
  TileIndex,
} from "../canvas.ts";
import { CanvasStopwatch } from "../canvas_stopwatch.ts";
import { keptPlanes } from "../kept_planes.ts";
import { damagedTiles } from "../damaged_tiles.ts";
import { inLines } from "./gpu_kernels.ts";
import { type BandMasks, GpuBand, row } from "./gpu_band.ts";
import { GpuEvidence } from "./gpu_evidence.ts";
import { GpuBufferPool, type Reading } from "./gpu_buffer_pool.ts";
import type { GpuImage } from "./gpu_image.ts";
import { GpuMaskRows, wordsOf } from "./gpu_mask_rows.ts";
import { TileRowCursor } from "../../../tiling/tile_rows.ts";
import {
  checkNumbers,
  correctionDims,
  evidenceDims,
  maskDims,
  type OutputDims,
  restoredDims,
} from "../outputs.ts";
import type { ReducedCanvas } from "../downscaled_canvas.ts";

/** A {@linkcode Canvas} on a GPU. */
export class GpuCanvas implements ReducedCanvas<OnnxNetwork, GpuImage> {
  readonly #gpu: Gpu;
  readonly #memory: GpuBufferPool;
  readonly #image: GpuImage;
  readonly #watch = new CanvasStopwatch();
  readonly #whole: Rectangle;
  readonly #band: GpuBand;
  readonly #masks = new Map<Task, Mask>();
  #rows: GpuMaskRows | null = null;
  #plan: TilePlan;
  #lines: readonly TileRow[] = [];
  #walk = new TileRowCursor([], { begin: () => {}, end: () => {} });
  #channels = 0;
  #firstChannel = 0;
  /** Of the mask network. */
  #networkChannels = 0;
  #evidence: GpuEvidence | null = null;
  /** Whose sums are held, and which of the two buffers has them. */
  #summed: { area: Rectangle; name: "sums" | "other sums" } | null = null;
  #restoring: Restoring | null = null;

  constructor(gpu: Gpu, image: GpuImage) {
    this.#gpu = gpu;
    this.#memory = new GpuBufferPool(gpu.device, () => gpu.images.makeRoom());
    this.#image = image;
    this.#band = new GpuBand(gpu, this.#memory, image);
    const { width, height } = image;
    this.#whole = { x: 0, y: 0, width, height };
    this.#plan = new TilePlan(width, height, { tile: 512, halo: 0 });
  }

  async beginMasks(cut: TileSize, pass: MaskPass): Promise<void> {
    const { first, tasks } = keptPlanes(pass);
    const { width, height } = this.#whole;
    this.#networkChannels = pass.channels.length;
    this.#masks.clear();
    for (const task of pass.kept) {
      const data = new Uint8Array(width * height);
      this.#masks.set(task, { width, height, data });
    }
    this.#firstChannel = first;
    await this.#begin(cut, tasks.length, (line) => this.#endMasks(line));
    this.#rows = tasks.length === 0 ? null : new GpuMaskRows(
      this.#memory,
      tasks.map((task) => task === null ? null : this.#masks.get(task)!),
      this.#lines.map(({ done }) => done),
    );
    this.#evidence = new GpuEvidence(
      this.#gpu.device,
      this.#memory,
      this.#networkChannels,
      this.#lines.flatMap(({ tiles }) => tiles),
    );
  }

  async maskTile(at: TileIndex, network: OnnxNetwork): Promise<void> {
    const tile = await this.#enter(at);
    const feeds = await this.#watch.time("cut", async () => ({
      image: await this.#band.imageOf(tile),
      thumb: await this.#band.thumb("image"),
    }));
    const dims = maskDims(tile, this.#networkChannels);
    await this.#run(network, feeds, dims, async (outputs) => {
      await this.#evidence!.keep(network.id, tile, outputs);
      await this.#watch.time(
        "blend",
        () => this.#add(tile, outputs.mask.gpuBuffer),
      );
    });
  }

  async evidenceTile(at: TileIndex, network: OnnxNetwork): Promise<void> {
    const tile = await this.#enter(at);
    const image = await this.#watch.time(
      "cut",
      () => this.#band.imageOf(tile),
    );
    await this.#run(
      network,
      { image },
      evidenceDims(tile, this.#networkChannels),
      (outputs) => this.#evidence!.keep(network.id, tile, outputs),
    );
  }

  async evidence(): Promise<readonly Evidence[]> {
    await this.#walk.end();
    const evidence = await this.#evidence!.reading();
    if (evidence === null) return [];
    await this.#readMasks([evidence]);
    return this.#evidence!.take(evidence);
  }

  fillMask(task: Task, value: number): Promise<void> {
    const { width, height } = this.#whole;
    const data = new Uint8Array(width * height).fill(Math.round(value * 255));
    this.#rows = null;
    this.#masks.clear();
    this.#masks.set(task, { width, height, data });
    return Promise.resolve();
  }

  async mask(task: Task): Promise<MaskPlane> {
    await this.#walk.end();
    await this.#readMasks([]);
    // A copy, since the Worker hands it over to the caller's thread.
    const data = new Uint8Array(this.#masks.get(task)!.data);
    return { data, counts: histogram(data) };
  }

  /** Reads the masks back that are still on the device, together with other buffers. */
  async #readMasks(others: readonly Reading[]): Promise<void> {
    const rows = this.#rows;
    this.#rows = null;
    if (rows === null && others.length === 0) return;
    const undefinedValues = await this.#undefinedValues();
    const all = [...others, undefinedValues];
    await this.#watch.time(
      "readback",
      () => rows === null ? this.#memory.readAll(all) : rows.read(all),
    );
    this.#check(undefinedValues);
  }

  async beginRestore(
    cut: TileSize,
    { task, curve, user }: Guidance,
  ): Promise<readonly TileIndex[]> {
    const mask = this.#masks.get(task)!;
    for (const other of this.#masks.keys()) {
      if (other !== task) this.#masks.delete(other);
    }
    this.#forgetRestored();
    const restoring: Restoring = { mask, user, output: null };
    this.#restoring = restoring;
    await this.#memory.upload("shares", weightByByte(curve));
    this.#band.forgetMasks();
    this.#firstChannel = 0;
    await this.#begin(cut, 3, (line) => this.#endRestored(line));
    const tiles = damagedTiles(
      this.#lines,
      new BlendWeights(mask, curve, user),
    );
    // Where nothing is restored nobody asks for it.
    if (tiles.length > 0) restoring.output = await this.#outputFor(tiles);
    return tiles;
  }

  /** The image where a line has no tile to restore; the others will be written. */
  async #outputFor(tiles: readonly TileIndex[]): Promise<Output> {
    const { device, images } = this.#gpu;
    const every = new Set(tiles.map(({ line }) => line)).size ===
      this.#lines.length;
    const copy = (output: GPUBuffer, [input]: readonly GPUBuffer[]): void => {
      if (input === undefined) return;
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(input, 0, output, 0, this.#image.bytes);
      device.queue.submit([encoder.finish()]);
    };
    try {
      if (images.fits(this.#whole)) {
        const inputs = every ? [] : [this.#image];
        const image = await images.make(this.#whole, inputs, copy);
        return { image, buffer: await images.hold(image), data: null };
      }
    } catch (error) {
      if (!isOutOfDeviceMemory(error)) throw error;
    }
    const raster = emptyRaster(this.#whole);
    if (!every) {
      const { data } = await images.fetch(this.#image);
      await copyBytes([data], new Uint8Array(raster.data.buffer));
    }
    return { image: images.put(raster), buffer: null, data: raster.data };
  }

  async restoreTile(at: TileIndex, network: OnnxNetwork): Promise<void> {
    const tile = await this.#enter(at);
    await this.#run(
      network,
      await this.#restorerFeeds(tile),
      restoredDims(tile),
      ({ restored }) =>
        this.#watch.time("blend", () => this.#add(tile, restored.gpuBuffer)),
    );
  }

  async correction(mask: Mask, network: OnnxNetwork): Promise<Correction> {
    this.#restoring = { mask, user: null, output: null };
    this.#band.forgetMasks();
    await this.#begin({ tile: LARGEST_TILE, halo: 0 }, 0, async () => {});
    const tile = await this.#enter({ line: 0, tile: 0 });
    const feeds = await this.#restorerFeeds(tile);
    const data = await this.#run(
      network,
      feeds,
      correctionDims(tile),
      async ({ correction }) => await correction.getData() as Float32Array,
    );
    checkNumbers(network.id, data);
    return {
      width: tile.width / CORRECTED,
      height: tile.height / CORRECTED,
      data,
    };
  }

  async composite(): Promise<GpuImage> {
    await this.#walk.end();
    const undefinedValues = await this.#undefinedValues();
    await this.#watch.time(
      "readback",
      () => this.#memory.readAll([undefinedValues]),
    );
    this.#check(undefinedValues);
    const { image, buffer } = this.#restoring!.output!;
    if (buffer !== null) this.#gpu.images.release(image);
    this.#restoring = null;
    return image;
  }

  close(): Promise<CanvasTimes> {
    this.#forgetRestored();
    this.#memory.free();
    this.#band.close();
    return Promise.resolve(this.#watch.times);
  }

  /** Frees what a pass that did not end has restored. */
  #forgetRestored(): void {
    const output = this.#restoring?.output ?? null;
    if (output !== null) this.#gpu.images.free(output.image);
    this.#restoring = null;
  }

  /** Runs a network and uses its outputs. */
  async #run<Name extends string, T>(
    network: OnnxNetwork,
    feeds: Readonly<Record<string, GpuTensor>>,
    dims: OutputDims<Name>,
    use: (outputs: Record<Name, GpuOutput>) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#watch.time(
        "network",
        () => network.runOnGpu(feeds, dims, use),
      );
    } catch (error) {
      // Smaller tiles will be tried: they find what other images leave.
      if (isOutOfDeviceMemory(error)) {
        await this.#gpu.images.makeRoom().catch(() => 0);
      }
      throw error;
    }
  }

  async #begin(
    cut: TileSize,
    channels: number,
    end: (line: TileRow) => Promise<void>,
  ): Promise<void> {
    const { width, height } = this.#whole;
    this.#plan = new TilePlan(width, height, cut);
    this.#lines = [...this.#plan.lines()];
    this.#channels = channels;
    this.#summed = null;
    this.#walk = new TileRowCursor(this.#lines, {
      begin: (line) => this.#beginLine(line),
      end: (line) => this.#watch.time("blend", () => end(line)),
    });
    await this.#memory.upload("undefined values", new Uint32Array(1));
  }

  async #enter({ line, tile }: TileIndex): Promise<Tile> {
    return (await this.#walk.at(line)).tiles[tile]!;
  }

  async #beginLine(line: TileRow): Promise<void> {
    await this.#watch.time(
      "upload",
      () => this.#band.cover(line.tiles, this.#restoring),
    );
    // Where only evidence or a correction is asked for, nothing is summed.
    if (this.#channels === 0) return;
    const old = this.#summed;
    const { span } = line;
    const name = old?.name === "sums" ? "other sums" : "sums";
    const bytes = 4 * this.#channels * span.width * span.height;
    const sums = await this.#memory.buffer(name, bytes);
    // A binding must be there, though without a line before it is not read.
    const before = await this.#memory.buffer(old?.name ?? "other sums", 16);
    this.#gpu.kernels.run(
      "carry-overlap",
      [row(old?.area ?? span), row(span), [
        this.#channels,
        old === null ? 0 : 1,
      ]],
      [before, sums],
      [span.width, span.height],
    );
    this.#summed = { area: span, name };
  }

  /** What a restorer takes. */
  #restorerFeeds(tile: Tile): Promise<Readonly<Record<string, GpuTensor>>> {
    return this.#watch.time("cut", async () => ({
      image: await this.#band.imageOf(tile),
      mask: await this.#band.maskOf(tile),
      thumb: await this.#band.thumb("image"),
      thumb_mask: await this.#band.thumb("mask"),
    }));
  }

  async #add(tile: Tile, values: GPUBuffer): Promise<void> {
    const { area, name } = this.#summed!;
    const { span } = tile;
    const weights = new Float32Array(span.width + span.height);
    weights.set(this.#plan.x.weights(tile.column));
    weights.set(this.#plan.y.weights(tile.row), span.width);
    this.#gpu.kernels.run(
      "add-tile",
      [row(area), row(tile), row(span), [this.#channels, this.#firstChannel]],
      [
        values,
        await this.#memory.upload("weights", weights),
        await this.#memory.buffer(name, 16),
        await this.#memory.buffer("undefined values", 4),
      ],
      [span.width, span.height],
    );
  }

  async #endMasks({ done }: TileRow): Promise<void> {
    if (this.#rows === null) return;
    const { area, name } = this.#summed!;
    const { buffer, at } = await this.#rows.room(done);
    this.#gpu.kernels.run(
      "quantise",
      [row(area), row(done), [this.#channels, at]],
      [await this.#memory.buffer(name, 16), buffer],
      inLines(wordsOf(done)),
    );
  }

  async #endRestored({ done }: TileRow): Promise<void> {
    const { area, name } = this.#summed!;
    const { user, output } = this.#restoring!;
    const { buffer, data } = output!;
    const bytes = 4 * done.width * done.height;
    const target = buffer ?? await this.#memory.buffer("line", bytes);
    const mask = await this.#memory.buffer("mask bytes", 4);
    this.#gpu.kernels.run(
      "composite",
      [
        row(area),
        row(done),
        row(this.#band.area),
        row(buffer === null ? done : this.#whole),
        [user === null ? 0 : 1],
      ],
      [
        await this.#memory.buffer(name, 16),
        mask,
        // A binding must be there, though without a caller's mask it is not read.
        user === null ? mask : await this.#memory.buffer("user bytes", 4),
        await this.#memory.buffer("shares", 1024),
        this.#band.pixels,
        target,
      ],
      [done.width, done.height],
    );
    if (data === null) return;
    const values = await this.#watch.time(
      "readback",
      () => this.#memory.read(target, bytes),
    );
    for (let y = 0; y < done.height; y++) {
      const from = 4 * y * done.width;
      data.set(
        values.subarray(from, from + 4 * done.width),
        4 * ((done.y + y) * this.#whole.width + done.x),
      );
    }
  }

  /** Reads how many values of the pass were not numbers; see {@linkcode #check}. */
  async #undefinedValues(): Promise<Reading> {
    const source = await this.#memory.buffer("undefined values", 4);
    return { source, bytes: 4, result: new Uint8Array(4) };
  }

  #check({ result }: Reading): void {
    this.#gpu.faults.check();
    if (result.every((byte) => byte === 0)) return;
    throw new LimpidError(
      "device-failed",
      "The device calculates values that are not numbers; use another device.",
    );
  }
}

/** What the restorer's pass needs beside the image. */
interface Restoring extends BandMasks {
  /** `null` until it is known that there is something to restore. */
  output: Output | null;
}

/** The image, restored line by line: on the device, or in memory. */
interface Output {
  readonly image: GpuImage;
  readonly buffer: GPUBuffer | null;
  readonly data: Uint8ClampedArray | null;
}
