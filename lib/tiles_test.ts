import assert from "node:assert/strict";
import { Axis, MULTIPLE, TilePlan } from "./tiles.ts";

/** Sides, tile sizes and overlaps that have been or could be trouble. */
const AXES = [
  1,
  2,
  15,
  16,
  17,
  63,
  64,
  65,
  80,
  96,
  100,
  127,
  129,
  256,
  500,
  511,
  512,
  513,
  514,
  575,
  577,
  960,
  961,
  1000,
  1500,
  4000,
  6001,
].flatMap((length) =>
  [[64, 0], [64, 16], [64, 32], [128, 64], [144, 48], [512, 64], [512, 256], [
    4096,
    64,
  ]]
    .map(([tile, overlap]) => ({ length, tile: tile!, overlap: overlap! }))
);

Deno.test("the weights of every pixel sum to exactly 1", () => {
  for (const { length, tile, overlap } of AXES) {
    const axis = new Axis(length, tile, overlap);
    const sums = new Float32Array(length);
    for (let i = 0; i < axis.count; i++) {
      const { from, to } = axis.span(i);
      const weights = axis.weights(i);
      assert.equal(weights.length, to - from);
      weights.forEach((weight, k) => {
        assert.ok(weight >= 0);
        sums[from + k]! += weight;
      });
    }
    assert.ok(
      sums.every((sum) => sum === 1),
      `${length} with ${tile}, ${overlap}`,
    );
  }
});

Deno.test("tiles are equal, aligned to the grid, inside the padded picture, no longer than asked for", () => {
  for (const { length, tile, overlap } of AXES) {
    const axis = new Axis(length, tile, overlap);
    const name = `${length} with ${tile}, ${overlap}`;
    assert.ok(axis.side % MULTIPLE === 0 && axis.side >= 64, name);
    assert.ok(axis.side <= tile, name);
    const padded = Math.max(64, Math.ceil(length / 16) * 16);
    for (let i = 0; i < axis.count; i++) {
      assert.equal(axis.origin(i) % MULTIPLE, 0, name);
      assert.ok(axis.origin(i) + axis.side <= padded, name);
      if (i === 0) continue;
      const shared = axis.origin(i - 1) + axis.side - axis.origin(i);
      assert.ok(shared >= overlap, `${name} share ${shared}`);
    }
    assert.equal(axis.origin(axis.count - 1) + axis.side, padded, name);
    if (padded <= tile) assert.equal(axis.count, 1, name);
  }
});

Deno.test("a tile has no weight next to its inner borders", () => {
  for (const { length, tile, overlap } of AXES) {
    const axis = new Axis(length, tile, overlap);
    const halo = overlap * 3 / 8;
    for (let i = 0; i < axis.count; i++) {
      const { from, to } = axis.span(i);
      if (i > 0) assert.ok(from - axis.origin(i) >= halo);
      if (i < axis.count - 1) {
        assert.ok(axis.origin(i) + axis.side - to >= halo);
      }
    }
  }
});

Deno.test("every cell of 16 pixels counts once, for a tile that holds it", () => {
  for (const { length, tile, overlap } of AXES) {
    const axis = new Axis(length, tile, overlap);
    let next = 0;
    for (let i = 0; i < axis.count; i++) {
      const { from, to } = axis.cells(i);
      assert.equal(from, next);
      assert.ok(from * 16 >= axis.origin(i));
      assert.ok(to * 16 <= axis.origin(i) + axis.side);
      next = to;
    }
    assert.equal(next, Math.ceil(length / 16));
  }
});

Deno.test("the lines of a plan finish every pixel once, and hold what their tiles give", () => {
  for (
    const [width, height] of [[1, 1], [700, 130], [130, 700], [300, 301], [
      1,
      900,
    ]] as const
  ) {
    const plan = new TilePlan(width, height, 128, 48);
    const finished = new Uint8Array(width * height);
    let tiles = 0;
    for (const line of plan.lines()) {
      tiles += line.tiles.length;
      const { x, y } = line.done;
      for (let row = y; row < y + line.done.height; row++) {
        for (let column = x; column < x + line.done.width; column++) {
          finished[row * width + column]!++;
        }
      }
      for (const { span } of line.tiles) {
        assert.ok(span.x >= line.span.x && span.y >= line.span.y);
        assert.ok(span.x + span.width <= line.span.x + line.span.width);
        assert.ok(span.y + span.height <= line.span.y + line.span.height);
      }
      assert.equal(
        Math.min(line.span.width, line.span.height) <= 128,
        true,
        "a line is no longer than the shorter side, and one tile thick",
      );
    }
    assert.equal(tiles, plan.total);
    assert.ok(finished.every((times) => times === 1));
  }
});
