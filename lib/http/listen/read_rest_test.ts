import assert from "node:assert/strict";
import { dropRest, readRest } from "./read_rest.ts";

const never = new AbortController().signal;
const UNREAD = { complete: false };
const TIMES = { whole: 300, idle: 100 };

/** A body of a piece every `pause` milliseconds; notes how many were taken. */
function drops(
  count: number,
  pause: number,
): { body: ReadableStream<Uint8Array<ArrayBuffer>>; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller): Promise<void> {
      if (taken === count) return controller.close();
      await new Promise<void>((resolve) => {
        if (pause < Infinity) setTimeout(resolve, pause);
      });
      taken++;
      // The reader may have given up meanwhile.
      try {
        controller.enqueue(new Uint8Array(1));
      } catch {
        taken = count;
      }
    },
  }, { highWaterMark: 0 });
  return { body, taken: () => taken };
}

Deno.test("readRest: a body is read to its end, one that was read already or that another reads is left", async () => {
  const { body, taken } = drops(20, 0);
  await readRest({ body }, { complete: true }, never);
  assert.equal(taken(), 0);
  await readRest({ body }, UNREAD, never);
  assert.equal(taken(), 20);
  const locked = drops(1, 0);
  locked.body.getReader();
  await readRest(locked, UNREAD, never);
  assert.equal(locked.taken(), 0);
  await readRest({ body: null }, UNREAD, never);
});

Deno.test("readRest: silence, drops without end and a server that stops end it", async () => {
  await readRest(drops(1, Infinity), UNREAD, never, TIMES);
  await readRest(drops(Infinity, 20), UNREAD, never, TIMES);
  const stop = new AbortController();
  const reading = readRest(drops(Infinity, 20), UNREAD, stop.signal);
  stop.abort();
  await reading;
  await readRest(drops(Infinity, 20), UNREAD, stop.signal);
});

Deno.test("attack: a refused client that sends without end does not keep others waiting, and is given up after 64 MiB", async () => {
  const piece = new Uint8Array(2 ** 20);
  let taken = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      taken++;
      controller.enqueue(piece);
      // As much work as the pieces of a fast sender are.
      const until = performance.now() + 5;
      while (performance.now() < until);
    },
  }, { highWaterMark: 0 });
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  await readRest({ body }, UNREAD, never);
  clearInterval(others);
  assert.equal(taken, 64);
  assert.ok(turns >= 5, `${turns} turns`);
});

Deno.test("dropRest: what is unread is given up, what another reads is left", async () => {
  const { body } = drops(1, Infinity);
  dropRest({ body });
  assert.equal((await body.getReader().read()).done, true);
  const { body: read } = drops(1, 0);
  const reader = read.getReader();
  dropRest({ body: read });
  assert.equal((await reader.read()).done, false);
  dropRest({ body: null });
});
