import assert from "node:assert/strict";
import { delay } from "../../../tests/delay.ts";
import { Answers } from "./answers.ts";

const PIECE = 2 ** 18;

/** Answers, and their events in the log. */
function answers(
  maxBytes: number,
  writeTime: number,
): { answers: Answers; told: unknown[][] } {
  const told: unknown[][] = [];
  const tell = (event: string, { id, why }: Record<string, unknown>): void =>
    void told.push([event, id, why]);
  return { answers: new Answers(maxBytes, writeTime, tell), told };
}

/** A clock that stands still until it is told that time passes. */
function stopClock(): Disposable & { pass(ms: number): void } {
  let time = 0;
  performance.now = () => time;
  return {
    pass: (ms): void => void (time += ms),
    [Symbol.dispose](): void {
      Reflect.deleteProperty(performance, "now");
    },
  };
}

Deno.test("Answers: a client that takes its answer gets all of it", async () => {
  const { answers: all, told } = answers(1e6, 10_000);
  const bytes = new Uint8Array(600_000).map((_, i) => i % 251);
  const body = all.send(bytes, "a");
  assert.equal(all.bytes, 600_000);
  assert.deepEqual(await new Response(body).bytes(), bytes);
  assert.deepEqual([all.bytes, told], [0, []]);
});

Deno.test("Answers: whoever holds a piece does not hold the whole", async () => {
  const { answers: all } = answers(1e6, 10_000);
  const reader = all.send(new Uint8Array(600_000), "a").getReader();
  for (const length of [PIECE, PIECE, 600_000 - 2 * PIECE]) {
    const { value } = await reader.read();
    assert.equal(value?.buffer.byteLength, length);
  }
});

Deno.test("Answers: of a client that takes nothing for some time no more is kept", async () => {
  const { answers: all, told } = answers(1e6, 20);
  const reader = all.send(new Uint8Array(600_000), "begun").getReader();
  assert.equal((await reader.read()).value?.length, PIECE);
  // An answer that is never read, as for HEAD.
  all.send(new Uint8Array(1000), "unread");
  await delay(100);
  await assert.rejects(reader.read(), /does not take its answer/);
  assert.equal(all.bytes, 0);
  assert.deepEqual(told.toSorted(), [
    ["answer-given-up", "begun", "stalled"],
    ["answer-given-up", "unread", "stalled"],
  ]);
});

Deno.test("Answers: a client that leaves frees its answer", async () => {
  const { answers: all, told } = answers(1e6, 10_000);
  const reader = all.send(new Uint8Array(600_000), "a").getReader();
  await reader.read();
  await reader.cancel();
  assert.deepEqual([all.bytes, told], [0, []]);
});

Deno.test("Answers: where all are too large together, the slowest is given up", async () => {
  using clock = stopClock();
  const size = 5 * PIECE;
  const { answers: all, told } = answers(3 * size, 10_000);
  const send = (id: string): ReadableStreamDefaultReader =>
    all.send(new Uint8Array(size), id).getReader();
  const [one, two] = [send("one"), send("two")];
  clock.pass(3000);
  const three = send("three");
  clock.pass(1000);
  // The third took least, but in a quarter of the time.
  for (const reader of [one, one, one, two, two, three]) await reader.read();
  const fourth = all.send(new Uint8Array(size), "four");
  assert.deepEqual(told, [["answer-given-up", "two", "slowest"]]);
  await assert.rejects(two.read());
  assert.equal(all.bytes, 3 * size);
  assert.equal((await new Response(fourth).bytes()).length, size);
  assert.equal((await one.read()).value?.length, PIECE);
  for (const reader of [one, three]) await reader.cancel();
});

Deno.test("Answers: in its first second no client counts as slow", async () => {
  using clock = stopClock();
  const { answers: all, told } = answers(2 * 600_000, 10_000);
  const [one, two] = ["one", "two"].map((id) =>
    all.send(new Uint8Array(600_000), id).getReader()
  );
  await one!.read();
  clock.pass(999);
  await all.send(new Uint8Array(600_000), "three").cancel();
  // Without a speed it is the one that came first.
  assert.deepEqual(told, [["answer-given-up", "one", "slowest"]]);
  await two!.cancel();
});

Deno.test("Answers: one that is larger than the limit is sent all the same", async () => {
  const { answers: all } = answers(10, 10_000);
  const body = all.send(new Uint8Array(600_000), "a");
  assert.equal((await new Response(body).bytes()).length, 600_000);
});
