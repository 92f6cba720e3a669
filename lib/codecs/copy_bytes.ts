import { setImmediate } from "node:timers/promises";

/** Some 5 ms of copying, into memory that was not touched before. */
const PART = 8 * 1024 * 1024;

/**
 * A copy in a buffer of its own, made in parts, so that the event loop goes on
 * meanwhile. The bytes must not be written to until then.
 *
 * @example
 * ```ts
 * import { copyBytes } from "./copy_bytes.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
 * const copy = await copyBytes(bytes);
 * assert.deepEqual(copy, Uint8Array.of(2, 3));
 * assert.equal(copy.buffer.byteLength, 2);
 * ```
 */
export async function copyBytes(
  bytes: Uint8Array | Uint8ClampedArray,
): Promise<Uint8Array<ArrayBuffer>> {
  const copy = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += PART) {
    if (at > 0) await setImmediate();
    copy.set(bytes.subarray(at, at + PART), at);
  }
  return copy;
}
