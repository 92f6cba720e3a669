import assert from "node:assert/strict";
import { CanvasStopwatch } from "./canvas_stopwatch.ts";

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

Deno.test("CanvasStopwatch: every moment counts for one step, errors included", async () => {
  const control = new CanvasStopwatch();
  const start = performance.now();
  assert.equal(control.sync("cut", () => 7), 7);
  await assert.rejects(control.time("network", async () => {
    spin(5);
    control.sync("blend", () => spin(10));
    await Promise.resolve();
    throw new Error("no");
  }));
  const { network, blend, upload } = control.times;
  const total = Object.values(control.times).reduce((a, b) => a + b);
  assert.ok(network >= 5 && blend >= 10 && upload === 0);
  assert.ok(total <= performance.now() - start);
});
