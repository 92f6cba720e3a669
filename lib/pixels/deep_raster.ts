/** Images of 16 bits a sample, which are restored in 8. */

/**
 * Pixels: RGBA in row-major order, `4 * width * height` samples of 16 bits,
 * alpha not premultiplied.
 */
export interface DeepRaster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array;
}

/** What one step of 8 bits is in 16. */
const STEP = 65535 / 255;

/**
 * Applies to samples of 16 bits the change that a restoration made to their 8
 * bits: a sample that was not changed stays exactly as it is, the others keep
 * their steps finer than 8 bits. Alpha stays.
 *
 * @param before The pixels in 8 bits, RGBA.
 * @param after As `before`, restored.
 * @param from First sample.
 * @param to The sample after the last.
 * @returns the samples, high byte first
 *
 * @example
 * ```ts
 * import { deepened } from "./deep_raster.ts";
 * import assert from "node:assert/strict";
 *
 * const deep = Uint16Array.of(0x1234, 0x5678, 0x9abc, 0xffff);
 * const before = Uint8Array.of(0x12, 0x56, 0x9a, 0xff);
 * const after = Uint8Array.of(0x12, 0x57, 0x9a, 0xff);
 * assert.deepEqual(
 *   deepened(deep, before, after, 0, 4),
 *   Uint8Array.of(0x12, 0x34, 0x57, 0x79, 0x9a, 0xbc, 0xff, 0xff),
 * );
 * ```
 */
export function deepened(
  deep: Uint16Array,
  before: Uint8Array | Uint8ClampedArray,
  after: Uint8Array | Uint8ClampedArray,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * (to - from));
  for (let i = from, at = 0; i < to; i++) {
    // Alpha is every fourth sample.
    const change = i % 4 === 3 ? 0 : after[i]! - before[i]!;
    const value = deep[i]! + STEP * change;
    const sample = value < 0 ? 0 : value > 65535 ? 65535 : value;
    bytes[at++] = sample >> 8;
    bytes[at++] = sample;
  }
  return bytes;
}
