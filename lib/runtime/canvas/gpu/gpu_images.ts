/** The images of a device: each is sent once, and read back once, however many canvases and steps use it. */
import { LimpidError } from "../../../errors.ts";
import { copyPixels } from "../../../pixels/copy_bytes.ts";
import { emptyRaster, type PackedRaster } from "../../../pixels/planes.ts";
import type { Size } from "../../../tiling/tile_plan.ts";
import { complaintOf } from "./complaint_of.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";
import { GpuImage } from "./gpu_image.ts";

/** Bytes of images that stay on the device although nobody works with them, and though they are in memory as well. */
const MOST_BYTES = 256 * 2 ** 20;

/** Pixels of a side, so that shaders can multiply two of them. */
const LONGEST_SIDE = 65535;

/** Moves images to the device, and back where memory is short. */
export class GpuImages {
  readonly #device: GPUDevice;
  readonly #memory: GpuBufferPool;
  /** Reads back, also to make room. */
  readonly #reader: GpuBufferPool;
  readonly #bindingBytes: number;
  /** Those on the device, the one used last at the end, and their names in the pool. */
  readonly #there = new Map<GpuImage, string>();
  #next = 0;

  /** @param bindingBytes Most bytes of an image on the device. */
  constructor(device: GPUDevice, bindingBytes: number) {
    this.#device = device;
    this.#memory = new GpuBufferPool(device, () => this.makeRoom());
    this.#reader = new GpuBufferPool(device);
    this.#bindingBytes = bindingBytes;
  }

  /** How many images are on the device. */
  get size(): number {
    return this.#there.size;
  }

  /** Whether an image of this size can be on the device at all. */
  fits({ width, height }: Size): boolean {
    return 4 * width * height <= this.#bindingBytes &&
      Math.max(width, height) <= LONGEST_SIDE;
  }

  /** An image that is in memory. */
  put(raster: PackedRaster): GpuImage {
    const image = new GpuImage(raster);
    image.raster = raster;
    return image;
  }

  /** The image's pixels on the device; release it when done with them. */
  async hold(image: GpuImage): Promise<GPUBuffer> {
    const known = this.#there.get(image);
    if (known === undefined) {
      await this.#allocate(image);
      const name = this.#there.get(image)!;
      await this.#memory.upload(name, image.raster!.pixels);
    } else {
      this.#there.delete(image);
      this.#there.set(image, known);
    }
    image.holders++;
    return image.buffer!;
  }

  /** Lets go of an image that was held. */
  release(image: GpuImage): void {
    image.holders--;
    this.#limit();
  }

  /**
   * An image that `write` makes on the device of others that are held meanwhile.
   *
   * @throws what `write` throws; {@linkcode LimpidError} `out-of-memory`
   */
  async make(
    size: Size,
    inputs: readonly GpuImage[],
    write: (
      output: GPUBuffer,
      inputs: readonly GPUBuffer[],
    ) => void | Promise<void>,
  ): Promise<GpuImage> {
    const image = new GpuImage(size);
    const held: GpuImage[] = [];
    try {
      const buffers: GPUBuffer[] = [];
      for (const input of inputs) {
        buffers.push(await this.hold(input));
        held.push(input);
      }
      await this.#allocate(image);
      image.holders++;
      const complaint = await complaintOf(
        this.#device,
        () => write(image.buffer!, buffers),
      );
      if (complaint !== null) {
        throw new LimpidError(
          complaint instanceof GPUOutOfMemoryError
            ? "out-of-memory"
            : "device-failed",
          `The GPU cannot make an image of ${size.width}x${size.height} pixels; use another device.`,
          { cause: complaint },
        );
      }
      image.holders--;
      return image;
    } catch (error) {
      this.free(image);
      throw error;
    } finally {
      for (const input of held) this.release(input);
    }
  }

  /** A copy of the image's pixels. */
  async copy(
    { raster, buffer, bytes }: GpuImage,
  ): Promise<Uint8ClampedArray<ArrayBuffer>> {
    return raster === null
      ? new Uint8ClampedArray((await this.#reader.read(buffer!, bytes)).buffer)
      : await copyPixels(raster.data);
  }

  /** Moves the image's pixels to memory; those on the device stay. */
  async fetch(image: GpuImage): Promise<PackedRaster> {
    return image.raster ??= await this.#readBack(image);
  }

  /** Frees an image. */
  free(image: GpuImage): void {
    this.#drop(image);
    image.raster = null;
  }

  /**
   * Takes the images off the device with which nobody works, as far as their
   * pixels are in memory or can be moved there.
   *
   * @returns how many
   */
  async makeRoom(): Promise<number> {
    const idle = [...this.#there.keys()].filter(({ holders }) => holders === 0);
    let taken = 0;
    for (const image of idle.toSorted((a, b) => +!a.raster - +!b.raster)) {
      try {
        await this.fetch(image);
      } catch (error) {
        if (taken === 0) throw error;
        break;
      }
      this.#drop(image);
      taken++;
    }
    return taken;
  }

  async #allocate(image: GpuImage): Promise<void> {
    const name = `image ${this.#next++}`;
    image.buffer = await this.#memory.buffer(name, image.bytes);
    this.#there.set(image, name);
  }

  /** Takes copies off the device, those used longest ago first, until the rest is within bounds. */
  #limit(): void {
    let total = 0;
    for (const { bytes } of this.#there.keys()) total += bytes;
    for (const image of this.#there.keys()) {
      if (total <= MOST_BYTES) return;
      if (image.holders > 0 || image.raster === null) continue;
      this.#drop(image);
      total -= image.bytes;
    }
  }

  #drop(image: GpuImage): void {
    const name = this.#there.get(image);
    if (name === undefined) return;
    this.#there.delete(image);
    this.#memory.free(name);
    image.buffer = null;
  }

  async #readBack(image: GpuImage): Promise<PackedRaster> {
    const raster = emptyRaster(image);
    await this.#reader.read(image.buffer!, image.bytes, raster.data);
    return raster;
  }
}
