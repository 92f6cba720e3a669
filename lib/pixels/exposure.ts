/** Exposes an image from which haze was taken as a camera would have exposed the scene without haze. */
import type { Mask } from "../types.ts";
import { correct, type Correction } from "./color_correction.ts";
import type { MaskCurve } from "./mask.ts";
import type { PackedRaster } from "./planes.ts";

/**
 * The mean, 0..1, below which a result is made brighter. Haze lightens a scene
 * at dusk, so the camera exposed it shorter than the scene alone needs. On
 * streets and rooms whose truth is known, 0.25 gains 0.05 dB and nothing; 0.3
 * loses 0.2 dB on streets.
 */
const DARK = 0.25;

/**
 * A correction that leaves the image's mean at 0.25 or more, or as bright as it
 * was: J' is multiplied by one gain, g J' = g (1 - k) I + g (k + r).
 *
 * @param image What the network saw.
 * @param mask Of that size.
 */
export function exposed(
  image: PackedRaster,
  correction: Correction,
  mask: Mask,
  curve: MaskCurve,
): Correction {
  const restored = correct(image, {
    seen: image,
    correction,
    mask,
    curve,
    user: null,
  });
  const gain = Math.min(DARK, meanBrightness(image)) / meanBrightness(restored);
  return gain > 1 ? multiplied(correction, gain) : correction;
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
