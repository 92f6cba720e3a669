/** The operations on images on a GPU, each with a twin on arrays; an image too large for a binding is worked on there. */
import { isOutOfDeviceMemory } from "../../device_errors.ts";
import { enlargeMask } from "../../../pixels/bilinear.ts";
import {
  type ColorCorrection,
  correct,
} from "../../../pixels/color_correction.ts";
import { weightByByte } from "../../../pixels/mask.ts";
import type { PackedRaster } from "../../../pixels/planes.ts";
import { reduceImage } from "../../../pixels/reduce.ts";
import {
  refine,
  type Refined,
  type Refinement,
} from "../../../pixels/refine.ts";
import { samplesOf, samplesSize } from "../../../pixels/samples.ts";
import type { Size } from "../../../tiling/tile_plan.ts";
import type { Mask } from "../../../types.ts";
import type { OnnxNetwork } from "../../onnx_network.ts";
import type { Canvas } from "../canvas.ts";
import { openDownscaled } from "../downscaled_canvas.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";
import type { Gpu } from "./gpu.ts";
import { GpuCanvas } from "./gpu_canvas.ts";
import type { GpuImage } from "./gpu_image.ts";
import { inLines } from "./gpu_kernels.ts";
import type { ImageOperations } from "../image_operations.ts";

/** For networks that run on the GPU. */
export class GpuOperations implements ImageOperations<OnnxNetwork, GpuImage> {
  readonly #gpu: Gpu;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  put(raster: PackedRaster): GpuImage {
    return this.#gpu.images.put(raster);
  }

  async read(image: GpuImage): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const pixels = await this.#gpu.images.copy(image);
    this.#gpu.faults.check();
    return pixels;
  }

  free(image: GpuImage): void {
    this.#gpu.images.free(image);
  }

  async open(
    image: GpuImage,
    maxSide?: number,
  ): Promise<Canvas<OnnxNetwork, GpuImage>> {
    const canvasOf = (seen: GpuImage): GpuCanvas =>
      new GpuCanvas(this.#gpu, seen);
    return maxSide === undefined
      ? canvasOf(image)
      : await openDownscaled(this, image, maxSide, canvasOf);
  }

  reduce(image: GpuImage, size: Size): Promise<GpuImage> {
    return this.#shrink(
      "reduce",
      image,
      size,
      (raster) => reduceImage(raster, size),
    );
  }

  sample(image: GpuImage): Promise<GpuImage> {
    return this.#shrink("sample", image, samplesSize(image), samplesOf);
  }

  /** @param twin The same on arrays. */
  async #shrink(
    kernel: "reduce" | "sample",
    image: GpuImage,
    size: Size,
    twin: (raster: PackedRaster) => PackedRaster,
  ): Promise<GpuImage> {
    const { images, kernels } = this.#gpu;
    const { width, height } = size;
    return await this.#where(
      images.fits(image),
      () =>
        images.make(size, [image], (output, pixels) => {
          kernels.run(
            kernel,
            [[image.width, image.height], [width, height]],
            [...pixels, output],
            [width, height],
          );
        }),
      async () => this.put(twin(await images.fetch(image))),
    );
  }

  async enlarge(mask: Mask, size: Size): Promise<Mask> {
    const { images, kernels, faults } = this.#gpu;
    const { width, height } = size;
    const same = mask.width === width && mask.height === height;
    const words = Math.ceil(width * height / 4);
    return await this.#where(
      !same && images.fits(size),
      () =>
        this.#withMemory(async (memory) => {
          const enlarged = await memory.buffer("enlarged mask", 4 * words);
          kernels.run(
            "enlarge",
            [[width, height], [mask.width, mask.height]],
            [await memory.upload("mask", mask.data), enlarged],
            inLines(words),
          );
          const data = await memory.read(enlarged, width * height);
          faults.check();
          return { width, height, data };
        }),
      () => Promise.resolve(enlargeMask(mask, size)),
    );
  }

  async correct(
    image: GpuImage,
    corrected: ColorCorrection,
  ): Promise<GpuImage> {
    const { images, kernels } = this.#gpu;
    const { seen, correction, mask, curve, user } = corrected;
    const { width, height } = image;
    return await this.#where(
      images.fits(image),
      () =>
        this.#withMemory((memory) =>
          images.make(image, [image], async (output, pixels) => {
            const found = await memory.upload("mask", mask.data);
            kernels.run(
              "correct",
              [
                [width, height],
                [correction.width, correction.height],
                [seen.width, seen.height],
                [user === null ? 0 : 1],
              ],
              [
                ...pixels,
                await memory.upload("correction", correction.data),
                found,
                // A binding must be there, though without a caller's mask it is not read.
                user === null ? found : await memory.upload("user", user.data),
                await memory.upload("shares", weightByByte(curve)),
                output,
              ],
              [width, height],
            );
          })
        ),
      async () => this.put(correct(await images.fetch(image), corrected)),
    );
  }

  async refine(
    refinement: Refinement<GpuImage>,
  ): Promise<Refined<GpuImage>> {
    const { finer, coarser, restored, mask, weights } = refinement;
    const { images, kernels, faults } = this.#gpu;
    const { width, height } = finer;
    const pixels = width * height;
    const words = Math.ceil(pixels / 4);
    return await this.#where(
      images.fits(finer),
      () =>
        this.#withMemory(async (memory) => {
          const enlarged = await memory.buffer("enlarged mask", 4 * words);
          const image = await images.make(
            finer,
            [finer, coarser, restored],
            async (output, levels) => {
              const [, ...lower] = levels;
              kernels.run(
                "refine",
                [[width, height], [coarser.width, coarser.height]],
                [
                  ...levels,
                  await memory.upload("mask", mask.data),
                  await memory.upload("shares", weights),
                  await this.#damagedDetail(memory, coarser, lower),
                  output,
                  enlarged,
                ],
                inLines(words),
              );
            },
          );
          try {
            const data = await memory.read(enlarged, pixels);
            faults.check();
            return { image, mask: { width, height, data } };
          } catch (error) {
            this.free(image);
            throw error;
          }
        }),
      async () => {
        const refined = refine({
          finer: await images.fetch(finer),
          coarser: await images.fetch(coarser),
          restored: await images.fetch(restored),
          mask,
          weights,
        });
        return { image: this.put(refined.image), mask: refined.mask };
      },
    );
  }

  /** As `damagedDetail` on arrays. */
  async #damagedDetail(
    memory: GpuBufferPool,
    { width, height }: Size,
    images: readonly GPUBuffer[],
  ): Promise<GPUBuffer> {
    const size = [width, height] as const;
    const bytes = 4 * width * height;
    const shares = await memory.buffer("shares of detail", bytes);
    const averaged = await memory.buffer("averaged shares", bytes);
    const { kernels } = this.#gpu;
    kernels.run("damaged-detail", [size], [...images, shares], size);
    kernels.run("average-shares", [size], [shares, averaged], size);
    return averaged;
  }

  /** Takes a step on the device if it can be there and memory suffices, else in memory. */
  async #where<T>(
    fits: boolean,
    onDevice: () => Promise<T>,
    inMemory: () => Promise<T>,
  ): Promise<T> {
    try {
      if (fits) return await onDevice();
    } catch (error) {
      if (!isOutOfDeviceMemory(error)) throw error;
    }
    return await inMemory();
  }

  /** Lends buffers to a step. */
  async #withMemory<T>(
    step: (memory: GpuBufferPool) => Promise<T>,
  ): Promise<T> {
    const { device, images } = this.#gpu;
    const memory = new GpuBufferPool(device, () => images.makeRoom());
    try {
      return await step(memory);
    } finally {
      memory.free();
    }
  }
}
