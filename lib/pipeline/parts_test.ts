import assert from "node:assert/strict";
import { partOf, progressOf } from "../job_control.ts";
import type { Progress } from "../types.ts";
import { CLASSIFY, damagePart, levelPart, thinPart } from "./parts.ts";

Deno.test("damages follow on what tells them, and end with the work", () => {
  const parts = [damagePart(0, 2), damagePart(1, 2)];
  assert.deepEqual(parts, [[CLASSIFY[1], 0.55], [0.55, 1]]);
});

Deno.test("levels take as much as they have pixels, the coarsest first", () => {
  const sizes = [400, 200, 100].map((side) => ({ width: side, height: side }));
  const parts = [2, 1, 0].map((index) => levelPart(sizes, index));
  assert.deepEqual(parts, [[0, 1 / 21], [1 / 21, 5 / 21], [5 / 21, 1]]);
});

Deno.test("what goes before all levels takes its pixels; the coarsest level is not done twice", () => {
  const sizes = [400, 200, 100].map((side) => ({ width: side, height: side }));
  const parts = [2, 1, 0].map((index) => thinPart(sizes, index));
  assert.deepEqual(parts, [0, 4 / 25, 16 / 37]);
});

Deno.test("a part of a part says how much of all is done; what waits gets no further", () => {
  const told: Progress[] = [];
  const all = { signal: null, onProgress: (now: Progress) => told.push(now) };
  const part = partOf(partOf(all, 0.5, 1), 0.5, 1);
  part.onProgress(progressOf("restore", 1, 2));
  part.onProgress(progressOf("download", 9, 10));
  assert.deepEqual(told, [
    { stage: "restore", done: 1, total: 2, fraction: 0.875 },
    { stage: "download", done: 9, total: 10, fraction: 0.75 },
  ]);
});
