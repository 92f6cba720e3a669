import assert from "node:assert/strict";
import { Mutex } from "./mutex.ts";

Deno.test("Mutex: tasks never overlap, keep their order, and survive a failure", async () => {
  const mutex = new Mutex();
  const seen: string[] = [];
  const task = (name: string, ms: number) => async (): Promise<string> => {
    seen.push(`${name} starts`);
    await new Promise((done) => setTimeout(done, ms));
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("b fails");
    return name;
  };
  const results = await Promise.allSettled([
    mutex.run(task("a", 20)),
    mutex.run(task("b", 1)),
    mutex.run(task("c", 1)),
  ]);
  assert.deepEqual(seen, [
    ...["a starts", "a ends"],
    ...["b starts", "b ends"],
    ...["c starts", "c ends"],
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

Deno.test("Mutex: a caller whose signal aborts waits no longer; a task that has not begun never does", async () => {
  const mutex = new Mutex();
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const control = new AbortController();
  const first = mutex.run(async () => {
    seen.push("first begins");
    await promise;
    seen.push("first ends");
  }, control.signal);
  const second = mutex.run(() => {
    seen.push("second");
    return Promise.resolve();
  }, control.signal);
  const third = mutex.run(() => {
    seen.push("third");
    return Promise.resolve();
  });
  await Promise.resolve();
  control.abort();
  await assert.rejects(first, { code: "aborted" });
  await assert.rejects(second, { code: "aborted" });
  assert.deepEqual(seen, ["first begins"]);
  // What has left is not kept.
  assert.equal(mutex.length, 2);
  resolve();
  await third;
  assert.deepEqual(seen, ["first begins", "first ends", "third"]);
  assert.equal(mutex.length, 0);
  await assert.rejects(
    mutex.run(() => Promise.resolve(), control.signal),
    { code: "aborted" },
  );
});
