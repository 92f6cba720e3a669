/** Splits a file into stretches with a digest each. */
import { createHash } from "node:crypto";
import type { Chunk } from "./manifest.ts";

/** The stretches of a file from beginning to end, all of `length` bytes but the last. */
export function chunksOf(bytes: Uint8Array, length: number): Chunk[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, i) => {
    const chunk = bytes.subarray(i * length, (i + 1) * length);
    const sha256 = createHash("sha256").update(chunk).digest("hex");
    return { bytes: chunk.length, sha256 };
  });
}
