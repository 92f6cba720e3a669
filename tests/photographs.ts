/** Pixels made up by a test. */
import type { Mask, Raster } from "../lib/types.ts";

/** Numerical Recipes' linear congruential generator: bytes that are always the same. */
function* bytes(seed: number): Generator<number> {
  let state = seed;
  while (true) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}

function take(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const source = bytes(seed);
  return Uint8Array.from({ length }, () => source.next().value!);
}

/** Noise, alpha too, but no pixel is hidden. */
export function photograph(width: number, height: number, seed = 1): Raster {
  const data = take(4 * width * height, seed)
    .map((value, i) => i % 4 === 3 ? Math.max(1, value) : value);
  return { width, height, data };
}

/** Noise; about two fifths of it 0. */
export function mask(width: number, height: number, seed = 2): Mask {
  const data = take(width * height, seed).map((v) => v < 100 ? 0 : v);
  return { width, height, data };
}
