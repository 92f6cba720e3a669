import assert from "node:assert/strict";
import { Interruptible } from "./interruptible.ts";

Deno.test("Interruptible: a wait has its value or error, or the first reason why it ends", async () => {
  const waits = new Interruptible();
  assert.equal(await waits.wait(1), 1);
  assert.equal(await waits.wait(Promise.resolve(2)), 2);
  const failed = new Error("failed");
  await assert.rejects(waits.wait(Promise.reject(failed)), failed);
  const never = Promise.withResolvers<void>();
  const waiting = waits.wait(never.promise);
  waits.interrupt(new Error("late"));
  waits.interrupt(new Error("later"));
  await assert.rejects(waiting, /late$/);
  never.reject(new Error("nobody's"));
  await assert.rejects(waits.wait(1), /late$/);
});
