import { noteTaken } from "./wasm_module.ts";

/**
 * Shared memory for `count` RGBA pixels, all 0: what a decoder writes there
 * reaches the networks without a copy.
 */
export function sharedPixels(count: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(shared(4 * count));
}

/** As {@linkcode sharedPixels}, of 16 bits a sample. */
export function sharedDeepPixels(
  count: number,
): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(shared(8 * count));
}

function shared(bytes: number): SharedArrayBuffer {
  // This thread holds the memory until the garbage collector runs.
  noteTaken(bytes);
  return new SharedArrayBuffer(bytes);
}
