import assert from "node:assert/strict";
import { hideAgain, withoutHidden } from "./hidden.ts";
import { pack, type PackedRaster } from "./planes.ts";

const RED = 0xff0000ff, BLUE = 0xffff0000, HIDDEN = 0x00123456;

async function imageOf(
  width: number,
  pixels: readonly number[],
): Promise<PackedRaster> {
  const data = new Uint8ClampedArray(Uint32Array.from(pixels).buffer);
  return await pack({ width, height: pixels.length / width, data });
}

Deno.test("withoutHidden: hidden pixels have the nearest colour that is seen, and stay transparent", async () => {
  const image = await imageOf(5, [
    ...[HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN],
    ...[RED, HIDDEN, HIDDEN, HIDDEN, BLUE],
    ...[HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN],
  ]);
  const { pixels } = await withoutHidden(image);
  for (const [i, pixel] of pixels.entries()) {
    const x = i % 5;
    if (x === 2) continue;
    const nearest = x < 2 ? RED : BLUE;
    assert.equal(pixel & 0xffffff, nearest & 0xffffff, `${i}`);
    assert.equal(pixel >>> 24, i === 5 || i === 9 ? 255 : 0);
  }
  assert.equal(image.pixels[0], HIDDEN);
});

Deno.test("withoutHidden: a colour reaches as far as it must", async () => {
  const row = [RED, ...Array<number>(600).fill(HIDDEN)];
  for (const width of [601, 1]) {
    for (const given of [row, row.toReversed()]) {
      const { pixels } = await withoutHidden(await imageOf(width, given));
      assert.ok(pixels.every((pixel) => (pixel & 0xffffff) === 0xff));
    }
  }
});

Deno.test("withoutHidden: an image of which all is seen is itself", async () => {
  const image = await imageOf(2, Array<number>(6).fill(RED));
  assert.equal(await withoutHidden(image), image);
});

Deno.test("withoutHidden: where all is hidden, all keeps its colour", async () => {
  const image = await imageOf(2, Array<number>(6).fill(HIDDEN));
  const filled = await withoutHidden(image);
  assert.notEqual(filled, image);
  assert.deepEqual(filled.pixels, image.pixels);
});

Deno.test("hideAgain: hidden pixels have their own bytes, and no damage", async () => {
  const image = await imageOf(2, [HIDDEN, RED]);
  const { buffer } = Uint32Array.of(9, 1, 2);
  const restored = new Uint8ClampedArray(buffer, 4, 8);
  const mask = Uint8Array.of(200, 100);
  await hideAgain(image, restored, mask);
  assert.deepEqual([...new Uint32Array(buffer)], [9, HIDDEN, 2]);
  assert.deepEqual([...mask], [0, 100]);
  mask[0] = 200;
  await hideAgain(image, null, mask);
  assert.deepEqual([...mask], [0, 100]);
});

Deno.test("a pixel that is hardly seen is seen: it keeps its colour, restored or not, and its damage", async () => {
  const faint = 0x01112233;
  const image = await imageOf(2, [HIDDEN, faint]);
  const { pixels } = await withoutHidden(image);
  assert.deepEqual([...pixels], [faint & 0xffffff, faint]);
  const restored = new Uint8ClampedArray(Uint32Array.of(1, 2).buffer);
  const mask = Uint8Array.of(200, 100);
  await hideAgain(image, restored, mask);
  assert.deepEqual([...new Uint32Array(restored.buffer)], [HIDDEN, 2]);
  assert.deepEqual([...mask], [0, 100]);
});
