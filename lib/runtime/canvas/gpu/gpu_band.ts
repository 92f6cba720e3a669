/** What is on a GPU of an image and its masks, and what networks take of it. */
import { maskThumbnail, THUMB, thumbnail } from "../../../pixels/thumbnail.ts";
import type { Rectangle, Tile } from "../../../tiling/tile_plan.ts";
import type { Mask } from "../../../types.ts";
import type { GpuTensor } from "../../gpu_tensor.ts";
import type { GpuBufferPool } from "./gpu_buffer_pool.ts";
import type { Gpu } from "./gpu.ts";
import type { GpuImage } from "./gpu_image.ts";

/** The masks of a restorer's pass. */
export interface BandMasks {
  readonly mask: Mask;
  /** The caller's. */
  readonly user: Mask | null;
}

/**
 * The part of an image that is on the device: all of it where it fits into a
 * binding, and then its thumbnails are made there.
 */
export class GpuBand {
  readonly #gpu: Gpu;
  readonly #memory: GpuBufferPool;
  readonly #image: GpuImage;
  readonly #whole: Rectangle;
  readonly #fits: boolean;
  #pixels: { readonly buffer: GPUBuffer; readonly area: Rectangle } | null =
    null;
  /** The part of the masks that is there. */
  #masked: Rectangle | null = null;
  /** Whose thumbnails are made. */
  readonly #thumbs = new Set<"image" | "mask">();

  constructor(
    gpu: Gpu,
    memory: GpuBufferPool,
    image: GpuImage,
  ) {
    const { width, height } = image;
    this.#gpu = gpu;
    this.#memory = memory;
    this.#image = image;
    this.#fits = gpu.images.fits(image);
    this.#whole = { x: 0, y: 0, width, height };
  }

  /** The part that is there. */
  get area(): Rectangle {
    return this.#pixels!.area;
  }

  get pixels(): GPUBuffer {
    return this.#pixels!.buffer;
  }

  /** Sends what these tiles need, unless it is there. */
  async cover(
    tiles: readonly Tile[],
    masks: BandMasks | null,
  ): Promise<void> {
    const area = this.#fits ? this.#whole : boundsOf(tiles, this.#whole);
    if (!same(this.#pixels?.area, area)) await this.#sendPixels(area);
    // An image that does not fit is in memory.
    const { raster } = this.#image;
    await this.#needThumb("image", this.pixels, () => thumbnail(raster!));
    if (masks === null) return;
    if (!same(this.#masked, area)) await this.#sendMasks(area, masks);
    const bytes = await this.#memory.buffer("mask bytes", 4);
    await this.#needThumb("mask", bytes, () => maskThumbnail(masks.mask));
  }

  /** Lets the next masks be sent. */
  forgetMasks(): void {
    this.#masked = null;
    this.#thumbs.delete("mask");
  }

  /** A tile of the image. */
  async imageOf(tile: Tile): Promise<GpuTensor> {
    return await this.#cut("cut-image", "image", 3, tile, this.pixels);
  }

  /** A tile of the mask. */
  async maskOf(tile: Tile): Promise<GpuTensor> {
    const bytes = await this.#memory.buffer("mask bytes", 4);
    return await this.#cut("cut-mask", "mask", 1, tile, bytes);
  }

  /** The thumbnail of the image, or of the mask. */
  async thumb(of: "image" | "mask"): Promise<GpuTensor> {
    const channels = of === "image" ? 3 : 1;
    return {
      buffer: await this.#memory.buffer(`thumb of ${of}`, thumbBytes(channels)),
      dims: [1, channels, THUMB, THUMB],
    };
  }

  close(): void {
    if (this.#pixels !== null && this.#fits) {
      this.#gpu.images.release(this.#image);
    }
    this.#pixels = null;
  }

  async #sendPixels(area: Rectangle): Promise<void> {
    const buffer = this.#fits
      ? await this.#gpu.images.hold(this.#image)
      : await this.#memory.upload(
        "pixels",
        part(this.#image.raster!.pixels, this.#whole, area),
      );
    this.#pixels = { buffer, area };
  }

  async #sendMasks(area: Rectangle, { mask, user }: BandMasks): Promise<void> {
    const send = (name: string, { data }: Mask): Promise<GPUBuffer> =>
      this.#memory.upload(name, part(data, this.#whole, area));
    await send("mask bytes", mask);
    if (user !== null) await send("user bytes", user);
    this.#masked = area;
  }

  /** @param average Makes it elsewhere, where only a part is on the device. */
  async #needThumb(
    of: "image" | "mask",
    values: GPUBuffer,
    average: () => Float32Array<ArrayBuffer>,
  ): Promise<void> {
    if (this.#thumbs.has(of)) return;
    const name = `thumb of ${of}`;
    if (this.#fits) await this.#averageThumb(of, name, values);
    else await this.#memory.upload(name, average());
    this.#thumbs.add(of);
  }

  async #averageThumb(
    of: "image" | "mask",
    name: string,
    values: GPUBuffer,
  ): Promise<void> {
    const { width, height } = this.#whole;
    const channels = of === "image" ? 3 : 1;
    this.#gpu.kernels.run(
      "thumbnail",
      [[width, height], [THUMB, channels]],
      [values, await this.#memory.buffer(name, thumbBytes(channels))],
      [THUMB, THUMB],
    );
  }

  async #cut(
    kernel: "cut-image" | "cut-mask",
    name: string,
    channels: number,
    tile: Tile,
    from: GPUBuffer,
  ): Promise<GpuTensor> {
    const { width, height } = tile;
    const bytes = 4 * channels * width * height;
    const buffer = await this.#memory.buffer(name, bytes);
    this.#gpu.kernels.run(
      kernel,
      [row(this.area), row(tile), [this.#whole.width, this.#whole.height]],
      [from, buffer],
      [width, height],
    );
    return { buffer, dims: [1, channels, height, width] };
  }
}

/** A rectangle as shaders take it. */
export function row({ x, y, width, height }: Rectangle): number[] {
  return [x, y, width, height];
}

function thumbBytes(channels: number): number {
  return 4 * channels * THUMB * THUMB;
}

function same(a: Rectangle | null | undefined, b: Rectangle): boolean {
  return a != null && row(a).join() === row(b).join();
}

/** What the tiles cover of the image. */
function boundsOf(tiles: readonly Tile[], whole: Rectangle): Rectangle {
  const x = Math.min(...tiles.map((t) => t.x));
  const y = Math.min(...tiles.map((t) => t.y));
  const right = Math.max(...tiles.map((t) => t.x + t.width));
  const bottom = Math.max(...tiles.map((t) => t.y + t.height));
  return {
    x,
    y,
    width: Math.min(right, whole.width) - x,
    height: Math.min(bottom, whole.height) - y,
  };
}

/** The values of a part of the image; the whole is not copied. */
function part<T extends Uint32Array | Uint8Array>(
  values: T,
  whole: Rectangle,
  { x, y, width, height }: Rectangle,
): T | Uint32Array | Uint8Array {
  if (width === whole.width && height === whole.height) return values;
  const cut = values instanceof Uint32Array
    ? new Uint32Array(width * height)
    : new Uint8Array(width * height);
  for (let r = 0; r < height; r++) {
    const from = (y + r) * whole.width + x;
    cut.set(values.subarray(from, from + width), r * width);
  }
  return cut;
}
