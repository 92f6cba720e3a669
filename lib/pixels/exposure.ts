/** Exposes an image from which haze was taken as a camera would have exposed the scene without haze. */
import type { Mask } from "../types.ts";
import { correct, type Correction, KEPT } from "./color_correction.ts";
import type { MaskCurve } from "./mask.ts";
import type { PackedRaster } from "./planes.ts";
import { reduceMask } from "./reduce.ts";

/**
 * The mean, 0..1, below which a result is made brighter. Haze lightens a scene
 * at dusk, so the camera exposed it shorter than the scene alone needs. On
 * streets and rooms whose truth is known, 0.25 gains 0.09 dB and nothing; 0.3
 * loses 0.2 dB on streets.
 */
const DARK = 0.25;

/**
 * Most that a result is multiplied by: of every colour {@linkcode KEPT} stays,
 * and only in an image that is nearly black does rounding take more.
 */
const MAX_GAIN = 1 / KEPT;

/**
 * A correction that brings the image's mean towards 0.25, or to what it was if
 * that is darker: J' is multiplied by one gain,
 * g J' = g (1 - k) I + g (k + r). Where colours are cut off, or only a part is
 * restored, the mean stays below.
 *
 * The gain is that of a full restoration, so that the strength and the caller's
 * mask go from the image as it is to one and the same result. Only what the
 * caller's mask lets change counts, or a part that has no haze would become
 * brighter than it was.
 *
 * @param image What the network saw.
 * @param mask Of that size.
 * @param user The caller's mask, of the size of the whole image.
 */
export function exposed(
  image: PackedRaster,
  correction: Correction,
  mask: Mask,
  curve: MaskCurve,
  user: Mask | null,
): Correction {
  const restored = correct(image, {
    seen: image,
    correction,
    mask,
    curve: { ...curve, strength: 1 },
    user: user === null ? null : allowed(reduceMask(user, image)),
  });
  const wanted = Math.min(DARK, meanBrightness(image));
  const gain = Math.min(MAX_GAIN, wanted / meanBrightness(restored));
  return gain > 1 ? multiplied(correction, gain) : correction;
}

/** Where a mask lets anything change, as a mask of 0 and 255. */
function allowed(mask: Mask): Mask {
  return { ...mask, data: mask.data.map((value) => value > 0 ? 255 : 0) };
}

function multiplied(
  { width, height, data }: Correction,
  gain: number,
): Correction {
  const values = new Float32Array(data.length);
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    const k = data[3 * plane + i]!;
    const white = values[3 * plane + i] = 1 - gain * (1 - k);
    for (let at = i; at < 3 * plane; at += plane) {
      values[at] = gain * (k + data[at]!) - white;
    }
  }
  return { width, height, data: values };
}

/** The mean of all red, green and blue, 0..1. */
function meanBrightness({ width, height, pixels }: PackedRaster): number {
  let sum = 0;
  for (const pixel of pixels) {
    sum += (pixel & 255) + (pixel >>> 8 & 255) + (pixel >>> 16 & 255);
  }
  return sum / (3 * 255 * width * height);
}
