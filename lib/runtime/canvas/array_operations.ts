/** The operations on images in ordinary memory. */
import { enlargeMask } from "../../pixels/bilinear.ts";
import { correct } from "../../pixels/color_correction.ts";
import { copyBytes } from "../../pixels/copy_bytes.ts";
import type { PackedRaster } from "../../pixels/planes.ts";
import { reduceImage } from "../../pixels/reduce.ts";
import { refine } from "../../pixels/refine.ts";
import { samplesOf } from "../../pixels/samples.ts";
import type { Network } from "../onnx_network.ts";
import { ArrayCanvas } from "./array_canvas.ts";
import type { Canvas } from "./canvas.ts";
import { openDownscaled } from "./downscaled_canvas.ts";
import type { ImageOperations } from "./image_operations.ts";

/** For networks that run on the processor. */
export const ARRAY_OPERATIONS: ImageOperations<Network, PackedRaster> = {
  put: (raster) => raster,
  read: async ({ data }) =>
    new Uint8ClampedArray((await copyBytes([data])).buffer),
  // What nobody refers to any more is collected.
  free: () => {},
  async open(image, maxSide): Promise<Canvas<Network, PackedRaster>> {
    return maxSide === undefined
      ? new ArrayCanvas(image)
      : await openDownscaled(
        ARRAY_OPERATIONS,
        image,
        maxSide,
        (seen) => new ArrayCanvas(seen),
      );
  },
  reduce: (image, size) => Promise.resolve(reduceImage(image, size)),
  sample: (image) => Promise.resolve(samplesOf(image)),
  enlarge: (mask, size) => Promise.resolve(enlargeMask(mask, size)),
  correct: (image, correction) => Promise.resolve(correct(image, correction)),
  refine: (refinement) => Promise.resolve(refine(refinement)),
};
