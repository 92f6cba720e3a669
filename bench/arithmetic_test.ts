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
  const rain = store.find({ kind: "restore", task: "rain" }).gmacs;
  const of = (
    width: number,
    height: number,
    given: Partial<Circumstances>,
  ): number => costOf(passesOf(store, "rain", { width, height }, given)).gmacs;
  assertNear(of(256, 256, { restored: 1 }), mask + rain);
  assertNear(of(512, 256, { restored: 0 }), 2 * mask);
  const [tile, size] = [512, { width: 1732, height: 1155 }];
  const { x, y } = passesOf(store, "rain", size, { tile })[1]!.plan;
  assertNear(
    of(1732, 1155, { tile, restored: 3 }) -
      of(1732, 1155, { tile, restored: 0 }),
    3 * x.side * y.side / 65536 * rain,
  );
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
    assert.deepEqual(of(1).map(({ count }) => count), [1, 1, 1]);
    const { gmacs, overhead } = costOf(of(1));
    assertNear(gmacs, 7 * area / 65536);
    assertNear(overhead, 1);
    assertNear(costOf(of(0)).gmacs, 3 * area / 65536);
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
