import { setImmediate } from "node:timers/promises";

/**
 * Bytes copied between two turns of the event loop: about 2 ms where the
 * target's memory was not touched before. Several slices may follow each other
 * before a timer fires.
 */
const SLICE = 2 * 1024 * 1024;

/**
 * Copies all parts, one after the other, to a new buffer or to `copy`. The
 * event loop goes on meanwhile; the parts must not be written to until the copy
 * is done.
 *
 * @example
 * ```ts
 * import { copyBytes } from "./copy_bytes.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = Uint8Array.of(1, 2, 3, 4);
 * const copy = await copyBytes([bytes.subarray(1, 3), bytes]);
 * assert.deepEqual(copy, Uint8Array.of(2, 3, 1, 2, 3, 4));
 * ```
 */
export async function copyBytes<B extends ArrayBufferLike = ArrayBuffer>(
  parts: readonly (Uint8Array | Uint8ClampedArray)[],
  copy = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  ) as Uint8Array<B>,
): Promise<Uint8Array<B>> {
  let at = 0;
  let sincePause = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += SLICE) {
      const slice = part.subarray(from, from + SLICE);
      if ((sincePause += slice.length) > SLICE) {
        await setImmediate();
        sincePause = slice.length;
      }
      copy.set(slice, at);
      at += slice.length;
    }
  }
  return copy;
}

/** Copies pixels to memory of their own, which no other thread sees. */
export async function copyPixels(
  data: Uint8Array | Uint8ClampedArray,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  return new Uint8ClampedArray((await copyBytes([data])).buffer);
}
