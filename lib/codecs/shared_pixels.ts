import { noteTaken } from "./wasm_module.ts";

/**
 * Room for so many RGBA pixels, all 0, in memory that Workers share: what a
 * decoder writes there is nowhere copied on its way to the networks.
 */
export function sharedPixels(count: number): Uint8Array<SharedArrayBuffer> {
  // This thread's hold on it ends whenever the garbage collector pleases.
  noteTaken(4 * count);
  return new Uint8Array(new SharedArrayBuffer(4 * count));
}
