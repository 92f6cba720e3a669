/** The images of a device, each sent once however many canvases and steps use it. */
import { LimpidError } from "../../errors.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";

/** Bytes of images that stay although nobody holds them. */
const MOST_BYTES = 256 * 2 ** 20;

interface Kept {
  readonly bytes: number;
  holders: number;
}

/**
 * Images by their numbers. One that is held stays; others stay while there is
 * room for them, those used last the longest.
 */
export class GpuImages {
  readonly #memory: GpuBufferPool;
  /** The one used last at the end. */
  readonly #kept = new Map<number, Kept>();

  constructor(device: GPUDevice) {
    this.#memory = new GpuBufferPool(device);
  }

  /** How many images are on the device. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The pixels of an image; release it when done with them.
   *
   * @throws {LimpidError} `out-of-memory`
   */
  async hold(number: number, pixels: Uint32Array): Promise<GPUBuffer> {
    const known = this.#kept.has(number);
    const buffer = await this.make(number, pixels.byteLength);
    try {
      return known ? buffer : await this.#memory.upload(nameOf(number), pixels);
    } catch (error) {
      this.#drop(number);
      throw error;
    }
  }

  /** Room for an image that the device will calculate, held. */
  async make(number: number, bytes: number): Promise<GPUBuffer> {
    const allocate = (): Promise<GPUBuffer> =>
      this.#memory.buffer(nameOf(number), bytes);
    let buffer: GPUBuffer;
    try {
      buffer = await allocate();
    } catch (error) {
      const short = error instanceof LimpidError &&
        error.code === "out-of-memory";
      if (!short || this.free() === 0) throw error;
      buffer = await allocate();
    }
    const kept = this.#kept.get(number) ?? { bytes, holders: 0 };
    kept.holders++;
    this.#kept.delete(number);
    this.#kept.set(number, kept);
    return buffer;
  }

  /** Lets go of an image that was held. */
  release(number: number): void {
    this.#kept.get(number)!.holders--;
    this.free(MOST_BYTES);
  }

  /**
   * Frees the images that nobody holds, until at most `most` bytes of images
   * are left.
   *
   * @returns how many were freed
   */
  free(most = 0): number {
    let total = 0;
    for (const { bytes } of this.#kept.values()) total += bytes;
    let freed = 0;
    for (const [number, { bytes, holders }] of this.#kept) {
      if (total <= most) break;
      if (holders > 0) continue;
      this.#drop(number);
      total -= bytes;
      freed++;
    }
    return freed;
  }

  #drop(number: number): void {
    this.#kept.delete(number);
    this.#memory.free(nameOf(number));
  }
}

function nameOf(number: number): string {
  return `image ${number}`;
}
