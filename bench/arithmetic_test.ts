import assert from "node:assert/strict";
import type { ModelEntry } from "../lib/models/manifest.ts";
import { openStore, type Store } from "../lib/models/store.ts";
import { TASKS } from "../lib/types.ts";
import { costOf } from "./arithmetic.ts";
import { type Circumstances, type Pass, passesOf } from "./passes.ts";

function assertNear(found: number, wanted: number): void {
  assert.ok(Math.abs(found - wanted) < 1e-9, `${found}, ${wanted}`);
}

Deno.test("arithmetic: the manifest's figure for 256 x 256, in proportion for tiles", async () => {
  const store = await openStore();
  const mask = store.find({ kind: "mask" }).gmacs;
  const own = store.find({ kind: "mask", task: "rain" }).gmacs;
  const rain = store.find({ kind: "restore", task: "rain" }).gmacs;
  const of = (
    width: number,
    height: number,
    given: Partial<Circumstances>,
  ): number => costOf(passesOf(store, "rain", { width, height }, given)).gmacs;
  assertNear(of(256, 256, { restored: 1 }), mask + own + rain);
  assertNear(of(512, 256, { restored: 0 }), 2 * (mask + own));
  // Two levels: skipped tiles are taken from the last level.
  const [tile, size] = [256, { width: 1200, height: 900 }];
  const passes = passesOf(store, "rain", size, { tile });
  assert.deepEqual(passes.map(({ size: { width } }) => width), [
    600,
    1200,
    1200,
    600,
    600,
  ]);
  const { plan: { x, y }, count } = passes[2]!;
  assertNear(
    of(1200, 900, { tile, restored: count }) -
      of(1200, 900, { tile, restored: 0 }),
    count * x.side * y.side / 65536 * rain,
  );
  // The level that came first is seen again, and a third is processed, where
  // samples show damage.
  const finer = passesOf(store, "rain", { width: 2400, height: 1800 }, {
    levels: [1, 2, 1, 0],
  });
  assert.deepEqual(finer.map(({ size: { width } }) => width), [
    600,
    1200,
    1200,
    600,
    600,
    768,
    1200,
    1200,
    768,
    2400,
    2400,
  ]);
});

Deno.test("arithmetic: what is seen whole costs the same however large, with a mask network of its own", async () => {
  const shipped = await openStore();
  const mask = shipped.find({ kind: "mask" });
  const haze = shipped.find({ kind: "restore", task: "haze" });
  const whole = 256;
  const models: readonly ModelEntry[] = [
    { ...mask, gmacs: 1 },
    { ...mask, id: "haze-mask", task: "haze", whole, gmacs: 2 },
    { ...haze, whole, gmacs: 4 },
  ];
  const store: Pick<Store, "find" | "models"> = {
    models,
    find: ({ kind, task = null }) =>
      models.find((m) => m.kind === kind && m.task === task)!,
  };
  for (
    const [width, height, area] of [
      [6000, 4000, 256 * 176],
      [4000, 6000, 176 * 256],
      [200, 100, 208 * 112], // not enlarged
    ] as const
  ) {
    const of = (restored: number): readonly Pass[] =>
      passesOf(store, "haze", { width, height }, { restored });
    assert.deepEqual(of(1).map(({ model }) => model), models);
    assert.deepEqual(of(1).map(({ count }) => count), [1, 2, 2]);
    const [, ...whole] = of(1); // the glance for the verdict apart
    const { gmacs, overhead } = costOf(whole);
    assertNear(gmacs, 2 * 6 * area / 65536);
    assertNear(overhead, 1);
    assertNear(costOf(of(0).slice(1)).gmacs, 2 * 2 * area / 65536);
  }
});

Deno.test("arithmetic: overlapping costs at most 15 % with the shipped models, 25 % where drops are filled from afar", async () => {
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
      const { overhead } = costOf(passesOf(store, task, { width, height }));
      const most = task === "raindrop" ? 1.25 : 1.15;
      assert.ok(overhead <= most, `${task}, ${width}x${height}: ${overhead}`);
    }
  }
});
