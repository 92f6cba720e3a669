/** Reduces the whole image for networks that have to see all of it at once. */
import type { PackedRaster } from "./planes.ts";
import { maskThumbnail, thumbnail } from "./thumbnail.ts";
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
 * Averages the image to a size; the result is opaque. An image of that size is
 * returned as it is.
 */
export function reduceImage(
  image: PackedRaster,
  { width, height }: Size,
): PackedRaster {
  if (width === image.width && height === image.height) return image;
  const planes = thumbnail(image, { width, height });
  const size = width * height;
  const buffer = new SharedArrayBuffer(4 * size);
  const data = new Uint8ClampedArray(buffer);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = planes[c * size + i]! * 255;
    data[4 * i + 3] = 255;
  }
  return { width, height, data, pixels: new Uint32Array(buffer) };
}

/** Averages the mask to a size. */
export function reduceMask(mask: Mask, { width, height }: Size): Mask {
  if (width === mask.width && height === mask.height) return mask;
  const plane = maskThumbnail(mask, { width, height });
  const data = Uint8Array.from(plane, (value) => Math.round(value * 255));
  return { width, height, data };
}
