import type { PackedRaster } from "../../../pixels/planes.ts";
import type { Size } from "../../../tiling/tile_plan.ts";

/** An image whose pixels are in memory, on the device, or both; `GpuImages` moves them. */
export class GpuImage implements Size {
  readonly width: number;
  readonly height: number;
  raster: PackedRaster | null = null;
  buffer: GPUBuffer | null = null;
  /** How many work with the buffer. */
  holders = 0;

  constructor({ width, height }: Size) {
    this.width = width;
    this.height = height;
  }

  /** A word for each pixel. */
  get bytes(): number {
    return 4 * this.width * this.height;
  }
}
