import assert from "node:assert/strict";
import { openStore } from "../lib/models/store.ts";
import { TASKS } from "../lib/types.ts";
import { costOf, plansOf } from "./arithmetic.ts";

Deno.test("arithmetic: the manifest's figure for 256 x 256, in proportion for tiles", async () => {
  const store = await openStore();
  const mask = store.find({ kind: "mask" }).gmacs;
  const rain = store.find({ kind: "restore", task: "rain" }).gmacs;
  const near = (found: number, wanted: number): void =>
    assert.ok(Math.abs(found - wanted) < 1e-9, `${found}, ${wanted}`);
  const of = (
    width: number,
    height: number,
    restored: number,
    side?: number,
  ): number =>
    costOf(store, "rain", plansOf(store, "rain", width, height, side), restored)
      .gmacs;
  near(of(256, 256, 1), mask + rain);
  near(of(512, 256, 0), 2 * mask);
  const plans = plansOf(store, "rain", 1732, 1155, 512);
  const area = plans.restore.x.side * plans.restore.y.side / 65536;
  near(of(1732, 1155, 3, 512) - of(1732, 1155, 0, 512), 3 * area * rain);
});

Deno.test("arithmetic: overlapping costs at most 15 % with the shipped models", async () => {
  const store = await openStore();
  for (const task of TASKS) {
    for (
      const [width, height] of [
        [1414, 1414],
        [1632, 1224],
        [1920, 1080],
        [1000, 2000],
        [3000, 2000],
        [4000, 3000],
        [6000, 4000],
        [8660, 5773],
      ] as const
    ) {
      const plans = plansOf(store, task, width, height);
      const { overhead } = costOf(store, task, plans, plans.restore.total);
      assert.ok(overhead <= 1.15, `${task}, ${width}x${height}: ${overhead}`);
    }
  }
});
