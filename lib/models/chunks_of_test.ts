import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chunksOf } from "./chunks_of.ts";

Deno.test("chunksOf: whole stretches and a rest, each with its digest", () => {
  const bytes = Uint8Array.from({ length: 25 }, (_, i) => i);
  const chunks = chunksOf(bytes, 10);
  assert.deepEqual(chunks.map((c) => c.bytes), [10, 10, 5]);
  assert.equal(
    chunks[2]!.sha256,
    createHash("sha256").update(bytes.subarray(20)).digest("hex"),
  );
  assert.deepEqual(chunksOf(bytes, 25).length, 1);
});
