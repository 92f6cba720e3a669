import assert from "node:assert/strict";
import { MULTIPLE, onlyTile, TileAxis, TilePlan } from "./tile_plan.ts";

/** Sides, most pixels that a tile sees and halos that have been or could be trouble. */
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
  ([[64, 0], [96, 16], [128, 32], [192, 64], [336, 128], [512, 32], [640, 64], [
    4096,
    64,
  ]] as const).map(([most, halo]) => ({
    most,
    halo,
    axis: new TileAxis(length, TileAxis.needed(length, most, halo), halo),
    name: `${length} with ${most}, ${halo}`,
  }))
);

Deno.test("the weights of every pixel sum to exactly 1", () => {
  for (const { axis, name } of AXES) {
    const sums = new Float32Array(axis.length);
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
      name,
    );
  }
});

Deno.test("neighbours fade into each other over 16 pixels, smoothly, in steps of 1/256", () => {
  const axis = new TileAxis(1000, TileAxis.needed(1000, 512, 32), 32);
  assert.equal(axis.count, 3);
  for (const i of [1, 2]) {
    const [before, after] = [axis.weights(i - 1), axis.weights(i)];
    const overlap = axis.span(i - 1).to - axis.span(i).from;
    assert.equal(overlap, 16);
    for (let k = 0; k < 16; k++) {
      const rise = (1 - Math.cos(Math.PI * (k + 0.5) / 16)) / 2;
      assert.equal(after[k], Math.round(256 * rise) / 256);
      assert.equal(before.at(k - 16), 1 - after[k]!);
    }
    assert.ok(before.at(-17) === 1 && after[16] === 1);
  }
});

Deno.test("tiles are equal, aligned to the grid, inside the padded image, no longer than asked for", () => {
  for (const { axis, most, halo, name } of AXES) {
    assert.ok(axis.side % MULTIPLE === 0 && axis.side >= 64, name);
    assert.ok(axis.side <= most, name);
    const padded = Math.max(64, Math.ceil(axis.length / 16) * 16);
    for (let i = 0; i < axis.count; i++) {
      assert.equal(axis.origin(i) % MULTIPLE, 0, name);
      assert.ok(axis.origin(i) + axis.side <= padded, name);
      if (i === 0) continue;
      const shared = axis.origin(i - 1) + axis.side - axis.origin(i);
      assert.ok(shared >= 2 * halo, `${name} share ${shared}`);
    }
    assert.equal(axis.origin(axis.count - 1) + axis.side, padded, name);
    if (padded <= most) assert.equal(axis.count, 1, name);
  }
});

Deno.test("a tile has no weight in its halo, but for half of what it fades over", () => {
  for (const { axis, halo: asked } of AXES) {
    const halo = Math.max(0, asked - 8);
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
  for (const { axis, halo } of AXES) {
    let next = 0;
    for (let i = 0; i < axis.count; i++) {
      const { from, to } = axis.cells(i);
      assert.equal(from, next);
      // Not in the halo, as far as whole cells allow it.
      const first = i === 0 ? 0 : Math.max(0, halo - 8);
      const last = i === axis.count - 1 ? 0 : Math.max(0, halo - 8);
      assert.ok(from * 16 >= axis.origin(i) + first);
      assert.ok(to * 16 <= axis.origin(i) + axis.side - last);
      next = to;
    }
    assert.equal(next, Math.ceil(axis.length / 16));
  }
});

Deno.test("the lines of a plan finish every pixel once, and hold what their tiles give", () => {
  for (
    const [width, height] of [[1, 1], [700, 130], [130, 700], [300, 301], [
      1,
      900,
    ]] as const
  ) {
    const plan = new TilePlan(width, height, { tile: 96, halo: 32 });
    const finished = new Uint8Array(width * height);
    let tiles = 0;
    for (const line of plan.lines()) {
      tiles += line.tiles.length;
      // Along the shorter side: less has to be held.
      if (height >= width) assert.equal(line.span.width, width);
      else assert.equal(line.span.height, height);
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
        Math.min(line.span.width, line.span.height) <= Math.max(
          plan.x.side,
          plan.y.side,
        ),
        true,
        "a line is no longer than the shorter side, and one tile thick",
      );
    }
    assert.equal(tiles, plan.total);
    assert.ok(finished.every((times) => times === 1));
  }
});

Deno.test("no tile sees more pixels than a square one, and none of the halo is lost", () => {
  for (
    const [width, height] of [[1, 1], [640, 480], [97, 3000], [6000, 4000]]
  ) {
    for (const tile of [64, 80, 128, 512, 960]) {
      for (const halo of [0, 16, 64, 128]) {
        const { x, y } = new TilePlan(width!, height!, { tile, halo });
        assert.ok(x.side * y.side <= (tile + 2 * halo) ** 2);
        const most = tile + 2 * halo;
        const squares = [width!, height!].map((length) => {
          const count = TileAxis.needed(length, most, halo);
          return count * new TileAxis(length, count, halo).side;
        });
        const seen = x.count * x.side * y.count * y.side;
        // Sides are rounded up to 16, which may favour either.
        assert.ok(seen <= 1.1 * squares[0]! * squares[1]!);
      }
    }
  }
});

Deno.test("tiles are as wide or as high as costs least", () => {
  for (
    const [width, height, columns, rows] of [
      // A strip is one tile, though lower than others may be.
      [6000, 64, 1, 1],
      // Higher than a square, and more of them than of squares in a row.
      [3000, 700, 7, 1],
      // As many would do one above the other, but see more.
      [1500, 300, 2, 1],
    ] as const
  ) {
    const { x, y } = new TilePlan(width, height, { tile: 512, halo: 64 });
    assert.deepEqual([x.count, y.count], [columns, rows], `${width}x${height}`);
  }
});

Deno.test("the only tile of an image is as large as the networks need it", () => {
  const place = { x: 0, y: 0 };
  assert.deepEqual(onlyTile(150, 20), { ...place, width: 160, height: 64 });
  assert.deepEqual(onlyTile(64, 65), { ...place, width: 64, height: 80 });
});
