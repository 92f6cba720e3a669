import { noteTaken } from "./wasm_module.ts";

/**
 * Shared memory for `count` RGBA pixels, all 0: what a decoder writes there
 * reaches the networks without a copy.
 */
export function sharedPixels(count: number): Uint8Array<SharedArrayBuffer> {
  // This thread holds the memory until the garbage collector runs.
  noteTaken(4 * count);
  return new Uint8Array(new SharedArrayBuffer(4 * count));
}
