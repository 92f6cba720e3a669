import assert from "node:assert/strict";
import { pack, type PackedRaster } from "./planes.ts";
import { SigmaFilter } from "./sigma_filter.ts";

const SIDE = 48;

function grey(of: (x: number, y: number) => number): Promise<PackedRaster> {
  const data = new Uint8Array(4 * SIDE * SIDE).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) {
    data.fill(of(i % SIDE, Math.floor(i / SIDE)), 4 * i, 4 * i + 3);
  }
  return pack({ width: SIDE, height: SIDE, data });
}

function meanAt(image: PackedRaster, x: number, y: number): readonly number[] {
  const mean = new Float64Array(3);
  new SigmaFilter(image).read(x, y, mean);
  return [...mean];
}

Deno.test("the mean is of those that hardly differ, weighted by how little", async () => {
  // Beside it one, two, three and four levels above; the last is beyond noise.
  const above = new Map([["25 25", 1], ["24 28", 2], ["30 8", 3], [
    "16 20",
    4,
  ]]);
  const image = await grey((x, y) => 100 + (above.get(`${x} ${y}`) ?? 0));
  const [weights, sum] = [16 + 12 * 16 + 15 + 12 + 7, 15 * 1 + 12 * 2 + 7 * 3];
  const wanted = 100 + sum / weights;
  for (const value of meanAt(image, 24, 24)) {
    assert.ok(Math.abs(value - wanted) < 1e-9, `${value}, ${wanted}`);
  }
});

Deno.test("a step of one level becomes a slope of tens of pixels", async () => {
  const image = await grey((x) => x < 24 ? 100 : 101);
  const values = [4, 10, 16, 23, 24, 31, 37, 43].map((x) =>
    meanAt(image, x, 24)[0]!
  );
  assert.deepEqual([values[0], values.at(-1)], [100, 101]);
  for (const [i, value] of values.slice(1).entries()) {
    assert.ok(value > values[i]!, values.join(" "));
    assert.ok(value - values[i]! < 0.35, values.join(" "));
  }
});

Deno.test("corners have their neighbours on the edge", async () => {
  const image = await grey((x, y) => x + y);
  for (const [x, y] of [[0, 0], [47, 0], [0, 47], [47, 47]] as const) {
    const [value] = meanAt(image, x, y);
    assert.ok(Math.abs(value! - (x + y)) < 1.5, `${value} at ${x}, ${y}`);
  }
});

Deno.test("the edge is repeated beyond every border", async () => {
  const value = (x: number, y: number): number =>
    100 + (7 * x + 3 * y + x * y % 3) % 4;
  const image = await grey(value);
  const side = SIDE + 32;
  const data = new Uint8Array(4 * side * side);
  const inside = (at: number): number => Math.min(47, Math.max(0, at - 16));
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [inside(i % side), inside(Math.floor(i / side))];
    data.fill(value(x, y), 4 * i, 4 * i + 4);
  }
  const padded = await pack({ width: side, height: side, data });
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const wanted = meanAt(padded, x + 16, y + 16);
      assert.deepEqual(meanAt(image, x, y), wanted, `${x}, ${y}`);
    }
  }
});

Deno.test("a difference in one channel is one", async () => {
  for (let c = 0; c < 3; c++) {
    const image = await grey(() => 100);
    // A neighbour, which counts only as long as it hardly differs.
    const at = 4 * (25 * SIDE + 25) + c;
    image.data[at] = 103;
    assert.ok(meanAt(image, 24, 24)[c]! > 100, `channel ${c}`);
    image.data[at] = 104;
    assert.deepEqual(meanAt(image, 24, 24), [100, 100, 100]);
  }
});
