import assert from "node:assert/strict";
import { damagedDetail } from "./damaged_detail.ts";
import { pack, type PackedRaster } from "./planes.ts";

const [WIDTH, HEIGHT] = [60, 40];

/** A scene with little texture, and the same with a bright streak of four pixels down its middle. */
async function streaked(): Promise<Record<"clean" | "rainy", PackedRaster>> {
  const scene = new Uint8ClampedArray(4 * WIDTH * HEIGHT)
    .map((_, i) => i % 4 === 3 ? 255 : 60 + i / 4 % WIDTH + 7 * i % 11);
  const clean = await pack({ width: WIDTH, height: HEIGHT, data: scene });
  const data = new Uint8ClampedArray(clean.data);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 28; x < 32; x++) {
      for (let c = 0; c < 3; c++) data[4 * (y * WIDTH + x) + c]! += 90;
    }
  }
  const { width, height } = clean;
  return { clean, rainy: await pack({ width, height, data }) };
}

function meanOf(shares: Float32Array, from: number, to: number): number {
  const some = shares.filter((_, i) => i % WIDTH >= from && i % WIDTH < to);
  return some.reduce((sum, share) => sum + share, 0) / some.length;
}

Deno.test("the detail of a streak that was taken away goes with it, that of the scene beside it stays", async () => {
  const { clean, rainy } = await streaked();
  const shares = damagedDetail(rainy, clean);
  assert.ok(meanOf(shares, 27, 33) > 0.6, `${meanOf(shares, 27, 33)}`);
  assert.equal(meanOf(shares, 0, 24), 0);
  assert.equal(meanOf(shares, 36, WIDTH), 0);
  assert.ok(shares.every((share) => share >= 0 && share <= 1));
});

Deno.test("a smooth correction and none take no detail", async () => {
  const { clean } = await streaked();
  const { width, height } = clean;
  const data = new Uint8ClampedArray(clean.data);
  data.forEach((value, i) => {
    if (i % 4 < 3) data[i] = value - 0.2 * (i / 4 % WIDTH);
  });
  const darker = await pack({ width, height, data });
  for (const restored of [darker, clean]) {
    assert.equal(meanOf(damagedDetail(clean, restored), 0, WIDTH), 0);
  }
});
