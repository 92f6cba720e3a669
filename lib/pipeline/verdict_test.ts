import assert from "node:assert/strict";
import { TilePlan } from "../tiling/tile_plan.ts";
import { TASKS } from "../types.ts";
import { AttentionPooling, either, likely } from "./verdict.ts";

/** In another order than TASKS, with an unknown one. */
const CHANNELS = ["dust", "blur", "rain", "haze", "raindrop"];
const WIDTH = 90, HEIGHT = 60;

/**
 * The network's outputs at a cell, so large that sums without a running maximum
 * would overflow.
 */
const evidenceAt = (c: number, x: number, y: number): number =>
  Math.sin(c + x * 0.3) * 4 + Math.cos(y * 0.2 * (c + 1));
const attentionAt = (c: number, x: number, y: number): number =>
  800 * Math.sin(x * 0.11 + c) + x * 3 - y;

function pooled(tile: number, halo: number): Record<string, number> {
  const plan = new TilePlan(WIDTH * 16 - 5, HEIGHT * 16 - 11, { tile, halo });
  const pool = new AttentionPooling(CHANNELS);
  for (const { tiles } of plan.lines()) {
    for (const { x, y, width, height, column, row } of tiles) {
      const [across, down] = [width / 16, height / 16];
      const evidence = new Float32Array(CHANNELS.length * across * down);
      const attention = evidence.slice();
      for (let i = 0; i < evidence.length; i++) {
        const at = [
          Math.floor(i / across / down),
          i % across + x / 16,
          Math.floor(i / across) % down + y / 16,
        ] as const;
        evidence[i] = evidenceAt(...at);
        attention[i] = attentionAt(...at);
      }
      const [h, v] = [plan.x.cells(column), plan.y.cells(row)];
      pool.add(
        { evidence, attention, width: across, height: down },
        { from: h.from - x / 16, to: h.to - x / 16 },
        { from: v.from - y / 16, to: v.to - y / 16 },
      );
    }
  }
  return pool.probabilities();
}

Deno.test("any tiling gives the probabilities of the untiled image", () => {
  const wanted = TASKS.map((task) => {
    const c = CHANNELS.indexOf(task);
    const cells = Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
      const at = [c, i % WIDTH, Math.floor(i / WIDTH)] as const;
      return [Math.fround(evidenceAt(...at)), Math.fround(attentionAt(...at))];
    });
    const largest = Math.max(...cells.map(([, a]) => a!));
    let numerator = 0, denominator = 0;
    for (const [e, a] of cells) {
      numerator += Math.exp(a! - largest) * e!;
      denominator += Math.exp(a! - largest);
    }
    return 1 / (1 + Math.exp(-numerator / denominator));
  });
  for (const [tile, halo] of [[64, 0], [64, 16], [512, 64], [4096, 64]]) {
    const found = pooled(tile!, halo!);
    TASKS.forEach((name, c) =>
      assert.ok(
        Math.abs(found[name]! - wanted[c]!) < 1e-6,
        `${name} with ${tile}`,
      )
    );
    const most = Math.max(...wanted);
    assert.ok(Math.abs(found["clean"]! - (1 - most)) < 1e-6);
  }
});

const SOME = { rain: 0.1, raindrop: 0.9, haze: 0.95, blur: 0.3, clean: 0.05 };

Deno.test("likely damages come with the most probable first", () => {
  assert.deepEqual(likely(SOME, 0.5), ["haze", "raindrop"]);
  assert.deepEqual(likely(SOME, 0.95), ["haze"]);
  assert.deepEqual(likely(SOME, 1), []);
});

Deno.test("damage that one of two looks sees is there", () => {
  const other = { rain: 0.7, raindrop: 0.2, haze: 0.1, blur: 0.1, clean: 0.3 };
  const both = either(SOME, other);
  assert.deepEqual(
    [both.rain, both.raindrop, both.haze, both.blur],
    [0.7, 0.9, 0.95, 0.3],
  );
  assert.ok(Math.abs(both.clean - 0.05) < 1e-12);
});
