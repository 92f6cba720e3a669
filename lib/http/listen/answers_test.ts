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
  const { answers: all, told } = answers(3 * 600_000, 10_000);
  const readers = ["one", "two", "three"].map((id) =>
    all.send(new Uint8Array(600_000), id).getReader()
  );
  // The second takes one piece, the others two.
  for (const k of [0, 0, 1, 2, 2]) await readers[k]!.read();
  await delay(1100);
  const fourth = all.send(new Uint8Array(600_000), "four");
  assert.deepEqual(told, [["answer-given-up", "two", "slowest"]]);
  await assert.rejects(readers[1]!.read());
  assert.equal(all.bytes, 3 * 600_000);
  assert.equal((await new Response(fourth).bytes()).length, 600_000);
  assert.equal((await readers[0]!.read()).value?.length, 600_000 - 2 * PIECE);
  await readers[2]!.cancel();
});

Deno.test("Answers: one that is larger than the limit is sent all the same", async () => {
  const { answers: all } = answers(10, 10_000);
  const body = all.send(new Uint8Array(600_000), "a");
  assert.equal((await new Response(body).bytes()).length, 600_000);
});
