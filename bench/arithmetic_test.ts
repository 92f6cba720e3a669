import assert from "node:assert/strict";
import { openStore } from "../lib/models/store.ts";
import { gmacsOf, planOf } from "./arithmetic.ts";

Deno.test("arithmetic: the manifest's figure for 256 x 256, in proportion for tiles", async () => {
  const store = await openStore();
  const mask = store.find({ kind: "mask" }).gmacs;
  const rain = store.find({ kind: "restore", task: "rain" }).gmacs;
  const near = (found: number, wanted: number): void =>
    assert.ok(Math.abs(found - wanted) < 1e-9, `${found}, ${wanted}`);
  near(gmacsOf(store, "rain", planOf(256, 256), 1), mask + rain);
  near(gmacsOf(store, "rain", planOf(512, 256), 0), 2 * mask);
  const plan = planOf(1732, 1155);
  const area = plan.x.side * plan.y.side / 65536;
  near(gmacsOf(store, "rain", plan, 3), area * (plan.total * mask + 3 * rain));
});
