import assert from "node:assert/strict";
import { deepened } from "./deep_raster.ts";

/** Samples from bytes, high byte first. */
function samplesOf(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer);
  return Array.from(
    { length: bytes.length / 2 },
    (_, i) => view.getUint16(2 * i),
  );
}

Deno.test("deepened: a change beyond black or white ends there", () => {
  const deep = Uint16Array.of(0xfbff, 0x0400, 0x8000, 0xffff);
  const before = Uint8Array.of(251, 5, 128, 255);
  const after = Uint8Array.of(255, 0, 130, 255);
  assert.deepEqual(
    samplesOf(deepened(deep, before, after, 0, 4)),
    [0xffff, 0, 0x8202, 0xffff],
  );
});

Deno.test("deepened: alpha stays, and of a part only that part is given", () => {
  const deep = Uint16Array.from({ length: 12 }, (_, i) => 0x1234 + 257 * i);
  const before = Uint8Array.from(deep, (sample) => sample >> 8);
  const after = before.map((value) => value + 1);
  assert.deepEqual(
    samplesOf(deepened(deep, before, after, 4, 12)),
    [...deep].map((sample, i) => i % 4 === 3 ? sample : sample + 257).slice(4),
  );
});
