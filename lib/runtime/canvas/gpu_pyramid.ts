/** The steps between the levels of a pyramid, on WebGPU; each has a twin on arrays. */
import type { Refined, Refinement } from "../../pixels/refine.ts";
import type { PackedRaster } from "../../pixels/planes.ts";
import type { Size } from "../../tiling/tile_plan.ts";
import type { Gpu } from "./gpu_canvas.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";
import { inLines } from "./gpu_kernels.ts";

/** Whether a level fits into one binding of the device. */
export function fitsGpu(
  { bindingBytes }: Gpu,
  { width, height }: Size,
): boolean {
  return 4 * width * height <= bindingBytes;
}

/** As `reduceImage`. */
export async function reduceOnGpu(
  { device, kernels, faults }: Gpu,
  image: PackedRaster,
  { width, height }: Size,
): Promise<PackedRaster> {
  const memory = new GpuBufferPool(device);
  try {
    const output = await memory.buffer("reduced", 4 * width * height);
    kernels.run(
      "reduce",
      [[image.width, image.height], [width, height]],
      [await memory.upload("pixels", image.pixels), output],
      [width, height],
    );
    const bytes = await memory.read(output, 4 * width * height);
    faults.check();
    return shared({ width, height }, bytes);
  } finally {
    memory.free();
  }
}

/** As `refine`. */
export async function refineOnGpu(
  { device, kernels, faults }: Gpu,
  { finer, coarser, restored, mask, weights }: Refinement,
): Promise<Refined> {
  const memory = new GpuBufferPool(device);
  const { width, height } = finer;
  const pixels = width * height;
  const words = Math.ceil(pixels / 4);
  try {
    const output = await memory.buffer("refined", 4 * pixels);
    const enlarged = await memory.buffer("enlarged mask", 4 * words);
    kernels.run(
      "refine",
      [[width, height], [coarser.width, coarser.height]],
      [
        await memory.upload("finer", finer.pixels),
        await memory.upload("coarser", coarser.pixels),
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
    faults.check();
    return { image, mask: { width, height, data } };
  } finally {
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
