/** What a runtime does with images: on arrays, or on a GPU. */
import type { ColorCorrection } from "../../pixels/color_correction.ts";
import type { PackedRaster } from "../../pixels/planes.ts";
import type { Refined, Refinement } from "../../pixels/refine.ts";
import type { Size } from "../../tiling/tile_plan.ts";
import type { Mask } from "../../types.ts";
import type { Canvas } from "./canvas.ts";

/**
 * The operations on images of one device. All throw `LimpidError`s:
 * `device-failed`, `out-of-memory`.
 *
 * @typeParam N A loaded network.
 * @typeParam I An image on the device.
 */
export interface ImageOperations<N, I extends Size> {
  /** Takes an image; it is sent to the device when it is first needed there. */
  put(raster: PackedRaster): I;
  /** A copy of an image's pixels, RGBA. */
  read(image: I): Promise<Uint8ClampedArray<ArrayBuffer>>;
  /** Frees an image of which no canvas is open. */
  free(image: I): void;
  /** Begins work on an image; see `Backend.open`. */
  open(image: I, maxSide?: number): Promise<Canvas<N, I>>;
  /** As `reduceImage`, to another size. */
  reduce(image: I, size: Size): Promise<I>;
  /** As `samplesOf`. */
  sample(image: I): Promise<I>;
  /** As `enlargeMask`. */
  enlarge(mask: Mask, size: Size): Promise<Mask>;
  /** As `correct`. */
  correct(image: I, correction: ColorCorrection): Promise<I>;
  /** As `refine`. */
  refine(refinement: Refinement<I>): Promise<Refined<I>>;
}
