import assert from "node:assert/strict";
import { copyBytes, copyPixels } from "./copy_bytes.ts";

Deno.test("large parts and small ones are copied whole, and the loop goes on", async () => {
  const large = new Uint8Array(20_000_001).fill(7);
  large[20_000_000] = 9;
  const parts = [Uint8Array.of(1, 2), large, new Uint8Array(), large];
  let turns = 0;
  const count = (): void => {
    turns++;
    pending = setImmediate(count);
  };
  let pending = setImmediate(count);
  const copy = await copyBytes(parts);
  clearImmediate(pending);
  assert.ok(turns >= 4, `${turns}`);
  assert.equal(copy.length, 40_000_004);
  assert.equal(copy.buffer.byteLength, copy.length);
  assert.deepEqual(copy.subarray(0, 4), Uint8Array.of(1, 2, 7, 7));
  assert.deepEqual(
    [20_000_001, 20_000_002, 20_000_003, 40_000_003].map((at) => copy[at]),
    [7, 9, 7, 9],
  );
  assert.equal(large.length, 20_000_001);
});

Deno.test("nothing copied is nothing", async () => {
  assert.equal((await copyBytes([])).length, 0);
});

Deno.test("copied pixels are in memory of their own", async () => {
  const shared = new Uint8ClampedArray(new SharedArrayBuffer(12), 4, 8).fill(7);
  const copy = await copyPixels(shared);
  shared.fill(9);
  assert.ok(copy.buffer instanceof ArrayBuffer);
  assert.deepEqual([...copy], Array(8).fill(7));
});
