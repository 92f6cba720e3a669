import assert from "node:assert/strict";
import { maskPlane, mirrored, pack, rgbPlanes } from "./planes.ts";

Deno.test("positions beyond the border are mirrored, the border not repeated", () => {
  assert.deepEqual([...mirrored(2, 8, 5)], [2, 3, 4, 3, 2, 1, 0, 1]);
  assert.deepEqual([...mirrored(0, 5, 2)], [0, 1, 0, 1, 0]);
  assert.deepEqual([...mirrored(0, 4, 1)], [0, 0, 0, 0]);
});

Deno.test("a part of an image as planes", async () => {
  const data = Uint8Array.from({ length: 3 * 2 * 4 }, (_, i) => i * 10);
  const planes = rgbPlanes(await pack({ width: 3, height: 2, data }), {
    x: 1,
    y: 0,
    width: 3,
    height: 2,
  });
  const bytes = Array.from(planes, (v) => Math.round(v * 255));
  assert.deepEqual(bytes, [
    ...[40, 80, 40, 160, 200, 160],
    ...[50, 90, 50, 170, 210, 170],
    ...[60, 100, 60, 180, 220, 180],
  ]);
});

Deno.test("pixels that Workers can share already are not copied", async () => {
  const buffer = new SharedArrayBuffer(40);
  const data = new Uint8Array(buffer, 8, 24);
  const packed = await pack({ width: 3, height: 2, data });
  assert.equal(packed.data, data);
  data.set([1, 2, 3, 4], 20);
  assert.equal(packed.pixels[5], 0x04030201);
  assert.equal(packed.pixels.length, 6);

  const odd = new Uint8Array(buffer, 9, 24);
  assert.notEqual((await pack({ width: 3, height: 2, data: odd })).data, odd);
});

Deno.test("bytes that do not begin at a multiple of 4 are read as well", async () => {
  const data = new Uint8Array(9).subarray(1);
  data.set([255, 0, 0, 255, 0, 255, 0, 255]);
  const planes = rgbPlanes(await pack({ width: 2, height: 1, data }), {
    x: 0,
    y: 0,
    width: 2,
    height: 1,
  });
  assert.deepEqual([...planes], [1, 0, 0, 1, 0, 0]);
});

Deno.test("a part of a mask as a plane", () => {
  const mask = { width: 2, height: 2, data: Uint8Array.of(0, 255, 51, 102) };
  const plane = maskPlane(mask, { x: 0, y: 1, width: 3, height: 1 });
  assert.deepEqual([...plane].map((v) => Math.round(v * 255)), [51, 102, 51]);
});
