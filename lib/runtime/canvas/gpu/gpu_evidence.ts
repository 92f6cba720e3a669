import { MULTIPLE, type Rectangle } from "../../../tiling/tile_plan.ts";
import type { GpuOutput } from "../../gpu_tensor.ts";
import type { Evidence } from "../canvas.ts";
import type { GpuBufferPool, Reading } from "./gpu_buffer_pool.ts";
import { checkNumbers } from "../outputs.ts";

/**
 * The evidence of a pass. It stays on the device until all of it is read back
 * at once: each reading waits for the device.
 */
export class GpuEvidence {
  readonly #device: GPUDevice;
  readonly #memory: GpuBufferPool;
  readonly #channels: number;
  /** Bytes of all tiles of the pass. */
  readonly #bytes: number;
  /** How many numbers of evidence, and as many of attention, each tile gave. */
  #sizes: number[] = [];
  #id = "";

  /**
   * @param channels Of the network.
   * @param tiles All of the pass.
   */
  constructor(
    device: GPUDevice,
    memory: GpuBufferPool,
    channels: number,
    tiles: readonly Rectangle[],
  ) {
    this.#device = device;
    this.#memory = memory;
    this.#channels = channels;
    this.#bytes = 8 * sum(tiles.map((tile) => this.#sizeOf(tile)));
  }

  /** Copies what the network `id` gave for a tile. */
  async keep(
    id: string,
    tile: Rectangle,
    { evidence, attention }: Record<"evidence" | "attention", GpuOutput>,
  ): Promise<void> {
    const size = this.#sizeOf(tile);
    const kept = await this.#memory.buffer("evidence", this.#bytes);
    let at = 8 * sum(this.#sizes);
    const encoder = this.#device.createCommandEncoder();
    for (const { gpuBuffer } of [evidence, attention]) {
      encoder.copyBufferToBuffer(gpuBuffer, 0, kept, at, 4 * size);
      at += 4 * size;
    }
    this.#device.queue.submit([encoder.finish()]);
    this.#sizes.push(size);
    this.#id = id;
  }

  /**
   * What to read back of what was kept; `null` where nothing was. The evidence
   * is {@linkcode take}n from the result.
   */
  async reading(): Promise<Reading | null> {
    const bytes = 8 * sum(this.#sizes);
    if (bytes === 0) return null;
    const source = await this.#memory.buffer("evidence", this.#bytes);
    return { source, bytes, result: new Uint8Array(bytes) };
  }

  /** The evidence, tile by tile; once. */
  take({ result }: Reading): readonly Evidence[] {
    const sizes = this.#sizes;
    this.#sizes = [];
    const values = new Float32Array(result.buffer as ArrayBuffer);
    checkNumbers(this.#id, values);
    let from = 0;
    const next = (size: number): Float32Array<ArrayBuffer> =>
      values.slice(from, from += size);
    return sizes.map((size) => ({
      evidence: next(size),
      attention: next(size),
    }));
  }

  #sizeOf({ width, height }: Rectangle): number {
    return this.#channels * width * height / MULTIPLE ** 2;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
