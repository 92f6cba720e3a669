/**
 * Computes from a degradation mask how much of the image is damaged, and how
 * far each pixel is restored.
 */
import { UNIT } from "./planes.ts";
import type { Rectangle } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/** A mask of the given size that is 0 everywhere. */
export function emptyMask(width: number, height: number): Mask {
  return { width, height, data: new Uint8Array(width * height) };
}

/** How much of an image is damaged. */
export interface MaskStats {
  /** Share of pixels above the threshold, 0..1. */
  readonly coverage: number;
  /** Mean of the mask over those pixels, 0..1; 0 where there are none. */
  readonly severity: number;
}

/** How many pixels of a mask have each value. */
export function histogram(data: Uint8Array): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) counts[data[i]!]!++;
  return counts;
}

/**
 * @param counts The mask's {@linkcode histogram}.
 * @param threshold 0..1
 */
export function maskStats(counts: Uint32Array, threshold: number): MaskStats {
  let pixels = 0;
  let covered = 0;
  let sum = 0;
  for (const [value, count] of counts.entries()) {
    pixels += count;
    if (value / 255 <= threshold) continue;
    covered += count;
    sum += count * value;
  }
  return {
    coverage: covered / pixels,
    severity: covered === 0 ? 0 : sum / (covered * 255),
  };
}

/** Maps a mask value to the blend weight of the restored image. */
export interface MaskCurve {
  /** Mask value, 0..1, up to which a pixel stays as it is. */
  readonly threshold: number;
  /**
   * Range of mask values above the threshold over which the weight rises to 1;
   * above 0.
   */
  readonly softness: number;
  /** Factor of all weights, 0..1. */
  readonly strength: number;
}

/**
 * The weight of the restored image for every byte m of a mask:
 * strength * clamp((m / 255 - threshold) / softness, 0, 1).
 */
export function weightByByte(
  { threshold, softness, strength }: MaskCurve,
): Float32Array<ArrayBuffer> {
  return UNIT.map((_, byte) => {
    const rise = (byte / 255 - threshold) / softness;
    return strength * Math.min(1, Math.max(0, rise));
  });
}

/**
 * The weight of the restored image at every pixel,
 * strength * clamp((m - threshold) / softness, 0, 1) * user: exactly 0 where
 * the mask is not above the threshold, or the caller's mask is 0.
 */
export class BlendWeights {
  readonly #mask: Mask;
  readonly #user: Mask | null;
  /** The weight for each byte of the mask. */
  readonly #shares: Float32Array;

  /** @param user A mask of the same size, or `null` for no limit. */
  constructor(mask: Mask, curve: MaskCurve, user: Mask | null) {
    this.#mask = mask;
    this.#user = user;
    this.#shares = weightByByte(curve);
  }

  /** The weight, 0..1, of the pixel at index `y * width + x`. */
  at(i: number): number {
    const share = this.#shares[this.#mask.data[i]!]!;
    return this.#user === null ? share : share * UNIT[this.#user.data[i]!]!;
  }

  /** Whether any pixel of the area has a weight above 0. */
  touches({ x, y, width, height }: Rectangle): boolean {
    for (let row = y; row < y + height; row++) {
      const start = row * this.#mask.width + x;
      for (let i = start; i < start + width; i++) {
        if (this.at(i) > 0) return true;
      }
    }
    return false;
  }
}

/** The greater value at every pixel of two masks of the same size. */
export function union(a: Mask, b: Mask): Mask {
  const [one, other] = [a.data, b.data];
  const data = new Uint8Array(one.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.max(one[i]!, other[i]!);
  }
  return { ...a, data };
}
