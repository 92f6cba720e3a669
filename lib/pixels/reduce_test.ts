import assert from "node:assert/strict";
import { pack } from "./planes.ts";
import { networkInputSize, reduceImage, reduceMask } from "./reduce.ts";
import { mask, photograph } from "../../tests/photographs.ts";

Deno.test("seenSize keeps the aspect ratio, and never enlarges", () => {
  const size = (width: number, height: number, maxSide?: number): string => {
    const seen = networkInputSize({ width, height }, maxSide);
    return `${seen.width}x${seen.height}`;
  };
  assert.equal(size(620, 460, 256), "256x190");
  assert.equal(size(4000, 6000, 256), "171x256");
  assert.equal(size(30000, 1, 256), "256x1");
  assert.equal(size(256, 100, 256), "256x100");
  assert.equal(size(20, 10, 256), "20x10");
  assert.equal(size(4000, 3000), "4000x3000");
});

Deno.test("reduceImage averages areas, to whole bytes, and is opaque", async () => {
  const image = await pack(photograph(100, 60));
  const { width, height, data, pixels } = reduceImage(image, {
    width: 50,
    height: 30,
  });
  assert.deepEqual([width, height, data.length], [50, 30, 6000]);
  assert.deepEqual(new Uint8Array(pixels.buffer), new Uint8Array(data.buffer));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const sum = [0, 1, 100, 101].reduce(
          (sum, i) => sum + image.data[4 * (200 * y + 2 * x + i) + c]!,
          0,
        );
        assert.ok(Math.abs(data[at + c]! - sum / 4) <= 0.501, `${x}, ${y}`);
      }
      assert.equal(data[at + 3], 255);
    }
  }
  assert.equal(reduceImage(image, { width: 100, height: 60 }), image);
});

Deno.test("reduceMask averages areas", () => {
  const given = mask(90, 90);
  const { width, height, data } = reduceMask(given, { width: 1, height: 1 });
  const mean = given.data.reduce((a, b) => a + b, 0) / given.data.length;
  assert.deepEqual([width, height, [...data]], [1, 1, [Math.round(mean)]]);
  assert.equal(reduceMask(given, given), given);
});

Deno.test("one side alone is reduced, however many pixels are averaged, halves up", async () => {
  const [width, height] = [2, 600];
  const data = new Uint8Array(4 * width * height).fill(255);
  const image = await pack({ width, height, data });
  const low = reduceImage(image, { width, height: 1 });
  assert.deepEqual([low.width, low.height], [2, 1]);
  assert.deepEqual([...low.data], Array(8).fill(255));
  for (let i = 0; i < 8; i += 4) data[i] = i / 4; // red of 0 and 1
  const pair = await pack({ width, height: 1, data: data.subarray(0, 8) });
  assert.equal(reduceImage(pair, { width: 1, height: 1 }).data[0], 1);

  const grey = { width: 2, height: 3, data: Uint8Array.of(0, 4, 4, 8, 4, 7) };
  const reduced = reduceMask(grey, { width: 2, height: 1 });
  assert.deepEqual([reduced.width, reduced.height], [2, 1]);
  assert.deepEqual([...reduced.data], [3, 6]);
});
