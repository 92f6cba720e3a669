/** The steps between the levels of a pyramid, on WebGPU; each has a twin on arrays. */
import type { Refined } from "../../pixels/refine.ts";
import type { PackedRaster } from "../../pixels/planes.ts";
import type { Size } from "../../tiling/tile_plan.ts";
import type { Gpu } from "./gpu_canvas.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";
import type { NumberedImage, NumberedRefinement } from "../image_numbers.ts";
import { inLines } from "./gpu_kernels.ts";

/** Whether a level fits into one binding of the device. */
export function fitsGpu(
  { bindingBytes }: Gpu,
  { width, height }: Size,
): boolean {
  return 4 * width * height <= bindingBytes;
}

/**
 * As `reduceImage`.
 *
 * @param as The result's number.
 */
export async function reduceOnGpu(
  gpu: Gpu,
  image: NumberedImage,
  size: Size,
  as: number,
): Promise<PackedRaster> {
  const { width, height } = size;
  return await onDevice(
    gpu,
    [image],
    size,
    as,
    async (memory, output, pixels) => {
      gpu.kernels.run(
        "reduce",
        [[image.width, image.height], [width, height]],
        [...pixels, output],
        [width, height],
      );
      const bytes = await memory.read(output, 4 * width * height);
      gpu.faults.check();
      return shared(size, bytes);
    },
  );
}

/**
 * As `refine`.
 *
 * @param as The number of the resulting image.
 */
export async function refineOnGpu(
  gpu: Gpu,
  { finer, coarser, restored, mask, weights }: NumberedRefinement,
  as: number,
): Promise<Refined> {
  const { width, height } = finer;
  const pixels = width * height;
  const words = Math.ceil(pixels / 4);
  return await onDevice(
    gpu,
    [finer, coarser],
    finer,
    as,
    async (memory, output, levels) => {
      const enlarged = await memory.buffer("enlarged mask", 4 * words);
      gpu.kernels.run(
        "refine",
        [[width, height], [coarser.width, coarser.height]],
        [
          ...levels,
          await memory.upload("restored", restored),
          await memory.upload("mask", mask.data),
          await memory.upload("shares", weights),
          output,
          enlarged,
        ],
        inLines(words),
      );
      const image = shared(finer, await memory.read(output, 4 * pixels));
      const data = await memory.read(enlarged, pixels);
      gpu.faults.check();
      return { image, mask: { width, height, data } };
    },
  );
}

/** Makes an image of others on the device, and lets go of all. */
async function onDevice<T>(
  { device, images }: Gpu,
  inputs: readonly NumberedImage[],
  { width, height }: Size,
  as: number,
  step: (
    memory: GpuBufferPool,
    output: GPUBuffer,
    inputs: readonly GPUBuffer[],
  ) => Promise<T>,
): Promise<T> {
  const memory = new GpuBufferPool(device);
  const held: number[] = [];
  try {
    const buffers: GPUBuffer[] = [];
    for (const { number, pixels } of inputs) {
      buffers.push(await images.hold(number, pixels));
      held.push(number);
    }
    const output = await images.make(as, 4 * width * height);
    held.push(as);
    return await step(memory, output, buffers);
  } finally {
    for (const number of held) images.release(number);
    memory.free();
  }
}

/** A raster in memory that threads share. */
function shared({ width, height }: Size, bytes: Uint8Array): PackedRaster {
  const buffer = new SharedArrayBuffer(bytes.length);
  const data = new Uint8ClampedArray(buffer);
  data.set(bytes);
  return { width, height, data, pixels: new Uint32Array(buffer) };
}
