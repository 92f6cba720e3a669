import assert from "node:assert/strict";
import { Admission } from "./admission.ts";
import { Problem } from "../problem.ts";

const never = new AbortController().signal;
const busy = (error: unknown): boolean =>
  error instanceof Problem && error.code === "busy" && error.retryAfter! > 0;

Deno.test("places are as many as jobs and queue; one that is given back is free", () => {
  const admission = new Admission(1, 2, 1000);
  const places = [1, 2, 3].map(() => admission.enter());
  assert.throws(() => admission.enter(), busy);
  places[0]![Symbol.dispose]();
  // Releasing a place twice frees only one.
  places[0]![Symbol.dispose]();
  admission.enter();
  assert.throws(() => admission.enter(), busy);
});

Deno.test("turns are taken in the order of asking, so many at a time", async () => {
  const admission = new Admission(2, 5, 60_000);
  const order: number[] = [];
  let most = 0;
  await Promise.all([0, 1, 2, 3, 4].map(async (i) => {
    using place = admission.enter();
    using _turn = await place.acquire(never);
    order.push(i);
    most = Math.max(most, admission.running);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }));
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  assert.equal(most, 2);
  assert.deepEqual([admission.running, admission.waiting], [0, 0]);
});

Deno.test("who waits too long or leaves loses no slot", async () => {
  const admission = new Admission(1, 3, 30);
  const turn = await admission.enter().acquire(never);
  await assert.rejects(admission.enter().acquire(never), busy);
  const leave = new AbortController();
  const waiting = admission.enter().acquire(leave.signal);
  leave.abort(new Error("gone"));
  await assert.rejects(waiting, /gone/);
  turn[Symbol.dispose]();
  turn[Symbol.dispose]();
  assert.equal(admission.running, 0);
  using _next = await admission.enter().acquire(never);
  assert.equal(admission.running, 1);
});

Deno.test("who is refused is told when to come again: later, the longer the queue is", async () => {
  const retryAfter = (error: unknown): number | null =>
    (error as Problem).retryAfter;
  const admission = new Admission(2, 3, 5);
  for (let i = 0; i < 5; i++) admission.enter();
  assert.throws(() => admission.enter(), (e) => retryAfter(e) === 3);
  const full = new Admission(1, 1, 5);
  using _turn = await full.enter().acquire(never);
  await assert.rejects(
    full.enter().acquire(never),
    (e) => retryAfter(e) === 1,
  );
});

Deno.test("who has left takes no slot, and leaves those who wait behind", async () => {
  const admission = new Admission(1, 4, 60_000);
  const leave = new AbortController();
  const turn = await admission.enter().acquire(never);
  const first = admission.enter().acquire(leave.signal);
  const others = [1, 2].map(() => admission.enter().acquire(never));
  leave.abort(new Error("gone"));
  await assert.rejects(first, /gone/);
  turn[Symbol.dispose]();
  for (const other of others) (await other)[Symbol.dispose]();
  await assert.rejects(admission.enter().acquire(leave.signal), /gone/);
  assert.equal(admission.running, 0);
});
