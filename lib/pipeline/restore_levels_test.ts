import assert from "node:assert/strict";
import type { Task } from "../types.ts";
import { levelSizes } from "./pyramid.ts";
import { thinLevel } from "./restore_levels.ts";

/** The width of the level, and whether it is the coarsest. */
function found(task: Task, width: number): [width: number, coarsest: boolean] {
  const sizes = levelSizes({ width, height: width / 2 });
  const index = thinLevel(task, sizes);
  return [sizes[index]!.width, index === sizes.length - 1];
}

Deno.test("thin streaks of rain go at the finest level of at most 1700 pixels; other damages have none", () => {
  assert.deepEqual(found("rain", 640), [640, true]);
  assert.deepEqual(found("rain", 642), [642, false]);
  assert.deepEqual(found("rain", 1700), [1700, false]);
  assert.deepEqual(found("rain", 1702), [851, false]);
  assert.deepEqual(found("rain", 6000), [1500, false]);
  assert.deepEqual(found("raindrop", 1700), [425, true]);
});
