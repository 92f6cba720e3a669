import assert from "node:assert/strict";
import { pack, type PackedRaster } from "./planes.ts";
import { SigmaFilter } from "./sigma_filter.ts";

const SIDE = 16;

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
  // One above, one two levels above, one beyond noise.
  const image = await grey((x, y) =>
    y !== 8 ? 100 : x === 9 ? 101 : x === 7 ? 102 : x === 12 ? 103 : 100
  );
  const [weights, sum] = [9 + 9 * 9 + 8 + 5, 8 * 1 + 5 * 2];
  const wanted = 100 + sum / weights;
  for (const value of meanAt(image, 8, 8)) {
    assert.ok(Math.abs(value - wanted) < 1e-9, `${value}, ${wanted}`);
  }
});

Deno.test("corners have their neighbours on the edge", async () => {
  const image = await grey((x, y) => x + y);
  for (const [x, y] of [[0, 0], [15, 0], [0, 15], [15, 15]] as const) {
    const [value] = meanAt(image, x, y);
    assert.ok(Math.abs(value! - (x + y)) < 1.5, `${value} at ${x}, ${y}`);
  }
});

Deno.test("a difference in one channel is one", async () => {
  const image = await grey(() => 100);
  image.data[4 * (8 * SIDE + 9) + 2] = 103;
  assert.deepEqual(meanAt(image, 8, 8), [100, 100, 100]);
});
