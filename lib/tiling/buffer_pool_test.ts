import assert from "node:assert/strict";
import { BufferPool } from "./buffer_pool.ts";

Deno.test("BufferPool: a name's array is used again, and replaced where it is too short", () => {
  const memory = new BufferPool();
  const first = memory.floats("image", 12);
  assert.equal(first.length, 12);
  assert.equal(memory.floats("image", 6).buffer, first.buffer);
  assert.equal(memory.floats("image", 6).length, 6);
  assert.notEqual(memory.floats("mask", 12).buffer, first.buffer);
  const longer = memory.floats("image", 13);
  assert.equal(longer.length, 13);
  assert.notEqual(longer.buffer, first.buffer);
});
