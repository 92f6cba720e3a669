import assert from "node:assert/strict";
import { damagedDetail } from "./damaged_detail.ts";
import { pack, type PackedRaster } from "./planes.ts";
import { photograph } from "../../tests/photographs.ts";

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

/** The pixels of an image in a window around one, which ends at the border. */
function around(x: number, y: number, radius: number): [number, number][] {
  const found: [number, number][] = [];
  for (let v = y - radius; v <= y + radius; v++) {
    for (let u = x - radius; u <= x + radius; u++) {
      if (u >= 0 && v >= 0 && u < WIDTH && v < HEIGHT) found.push([u, v]);
    }
  }
  return found;
}

Deno.test("shares are fitted in windows of 5 by 5 pixels and averaged over 3 by 3, at the borders too", async () => {
  const size = { width: WIDTH, height: HEIGHT };
  const image = await pack(photograph(WIDTH, HEIGHT));
  const restored = await pack({
    ...size,
    data: image.data.map((value, i) => i % 7 < 3 ? value : value * 0.4),
  });
  const luma = (data: Uint8Array | Uint8ClampedArray, i: number): number =>
    0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
  const share = (x: number, y: number): number => {
    const window = around(x, y, 2).map(([u, v]) => v * WIDTH + u);
    const mean = (of: (i: number) => number): number =>
      window.reduce((sum, i) => sum + of(i), 0) / window.length;
    const seen = (i: number): number => luma(image.data, i);
    const change = (i: number): number => luma(restored.data, i) - seen(i);
    const covariance = mean((i) => seen(i) * change(i)) -
      mean(seen) * mean(change);
    const variance = mean((i) => seen(i) ** 2) - mean(seen) ** 2;
    return Math.min(1, Math.max(0, -covariance / (variance + 30)));
  };
  const shares = damagedDetail(image, restored);
  for (const [i, found] of shares.entries()) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const some = around(x, y, 1).map(([u, v]) => share(u, v));
    const mean = some.reduce((sum, each) => sum + each, 0) / some.length;
    const wanted = Math.max(0, (mean - 0.2) / 0.8);
    assert.ok(Math.abs(found - wanted) < 1e-5, `${x}, ${y}: ${found}`);
  }
  assert.ok(shares.some((found) => found > 0.1));
});
