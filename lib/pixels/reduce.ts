/** Reduces the whole image for networks that have to see all of it at once. */
import { emptyRaster, type PackedRaster } from "./planes.ts";
import { maskThumbnail, sumColours } from "./thumbnail.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/**
 * Size at which a network sees an image, in pixels.
 *
 * @param maxSide Longest side of the result at most. Default: the image's own
 * size.
 */
export function networkInputSize(
  { width, height }: Size,
  maxSide?: number,
): Size {
  const scale = Math.min(1, (maxSide ?? Infinity) / Math.max(width, height));
  const side = (length: number): number =>
    Math.max(1, Math.floor(length * scale + 0.5));
  return { width: side(width), height: side(height) };
}

/**
 * Averages the image to a size, halves rounded up in whole numbers, so that
 * every device gives the same; the result is opaque. An image of that size is
 * returned as it is.
 */
export function reduceImage(
  image: PackedRaster,
  { width, height }: Size,
): PackedRaster {
  if (width === image.width && height === image.height) return image;
  const size = width * height;
  const reduced = emptyRaster({ width, height });
  const data = reduced.data.fill(255);
  sumColours(image, { width, height }, (at, sum, count) => {
    const [plane, i] = [Math.floor(at / size), at % size];
    data[4 * i + plane] = Math.floor((2 * sum + count) / (2 * count));
  });
  return reduced;
}

/** Averages the mask to a size. */
export function reduceMask(mask: Mask, { width, height }: Size): Mask {
  if (width === mask.width && height === mask.height) return mask;
  const plane = maskThumbnail(mask, { width, height });
  const data = Uint8Array.from(plane, (value) => Math.round(value * 255));
  return { width, height, data };
}
