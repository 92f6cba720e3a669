import { deepened, type DeepRaster } from "../pixels/deep_raster.ts";
import type { Raster } from "../types.ts";
import type { Rows } from "./rows.ts";

/**
 * A restored image of 16 bits a sample, computed row by row as it is read.
 *
 * @param deep The image as it came.
 * @param before The same in 8 bits.
 * @param after As `before`, restored.
 */
export function deepRowsOf(
  deep: DeepRaster,
  before: Raster,
  after: Raster,
): Rows {
  const { width, height } = deep;
  return {
    width,
    height,
    channels: 4,
    depth: 16,
    read: (from, to) =>
      Promise.resolve(
        deepened(
          deep.data,
          before.data,
          after.data,
          4 * width * from,
          4 * width * to,
        ),
      ),
  };
}
