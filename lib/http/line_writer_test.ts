import assert from "node:assert/strict";
import { LineWriter } from "./line_writer.ts";

Deno.test("LineWriter: lines come in their order, also where a few bytes are taken at a time", async () => {
  let text = "";
  const writer = new LineWriter((bytes) => {
    text += new TextDecoder().decode(bytes.subarray(0, 3));
    return Promise.resolve(Math.min(3, bytes.length));
  });
  for (const line of ["first", "second", "third"]) writer.add(line);
  await writer.flush(5000);
  writer.add("fourth");
  await writer.flush(5000);
  assert.equal(text, "first\nsecond\nthird\nfourth\n");
});

Deno.test("attack: a reader who pauses stops nobody, and only so much waits for him", async () => {
  let text = "";
  const paused = Promise.withResolvers<void>();
  const writer = new LineWriter(async (bytes) => {
    await paused.promise;
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  });
  const line = "x".repeat(1000);
  for (let i = 0; i < 100; i++) {
    for (let k = 0; k < 100; k++) writer.add(`${i} ${k} ${line}`);
    await Promise.resolve();
  }
  const began = performance.now();
  await writer.flush(50);
  assert.ok(performance.now() - began < 5000);
  paused.resolve();
  await writer.flush(5000);
  const lines = text.trimEnd().split("\n");
  assert.match(lines[0]!, /^0 0 x+$/);
  const { event, lines: lost } = JSON.parse(lines.pop()!);
  assert.equal(event, "log-lines-lost");
  assert.equal(lines.length + lost, 10_000);
  // One mebibyte, and what was handed over before the pause.
  assert.ok(text.length < 1.3e6, `${text.length} were kept`);
});

Deno.test("LineWriter: a reader who has left ends nothing", async () => {
  const writer = new LineWriter(() => Promise.reject(new Error("EPIPE")));
  writer.add("one");
  await writer.flush(5000);
  writer.add("two");
  await writer.flush(5000);
});

Deno.test("LineWriter: what a full disk did not take is counted, and what comes later begins its line", async () => {
  let text = "";
  let room = 8;
  const writer = new LineWriter((bytes) => {
    if (room === 0) return Promise.reject(new Error("ENOSPC"));
    const count = Math.min(room, bytes.length);
    room -= count;
    text += new TextDecoder().decode(bytes.subarray(0, count));
    return Promise.resolve(count);
  });
  // The second line is torn; those after it do not come, nor does their number.
  for (const line of ["first", "second", "third", "fourth"]) {
    writer.add(line);
    await writer.flush(5000);
  }
  room = Infinity;
  writer.add("fifth");
  await writer.flush(5000);
  writer.add("sixth");
  await writer.flush(5000);
  const lines = text.trimEnd().split("\n");
  const told = JSON.parse(lines.splice(3, 1)[0]!);
  assert.deepEqual(lines, ["first", "se", "fifth", "sixth"]);
  assert.deepEqual([told.event, told.lines], ["log-lines-lost", 3]);
});
