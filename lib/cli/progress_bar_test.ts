import assert from "node:assert/strict";
import { duration, ProgressBar, progressLine } from "./progress_bar.ts";

Deno.test("the line tells image, tile and time left", () => {
  assert.equal(
    progressLine({
      done: 1,
      total: 4,
      name: "b.png",
      progress: { stage: "restore", done: 3, total: 6, fraction: 0.625 },
      elapsed: 30_000,
    }, 200),
    "[########------------]  40 %  image 2/4 b.png  restore tile 3/6  44 s left",
  );
});

Deno.test("one image is not counted, an early time left not guessed", () => {
  assert.equal(
    progressLine({
      done: 0,
      total: 1,
      name: "a.png",
      progress: { stage: "decode", done: 0, total: 1, fraction: 0 },
      elapsed: 1999,
    }, 200),
    "[--------------------]   0 %  a.png  decode",
  );
});

Deno.test("the line never wraps, and a name cannot steer the terminal", () => {
  const line = progressLine({
    done: 0,
    total: 1,
    name: "\x1b]0;owned\x07\r.png",
    progress: null,
    elapsed: 0,
  }, 40);
  assert.equal(line, "[--------------------]   0 %  ?]0;owned?");
});

Deno.test("times are in words", () => {
  assert.deepEqual(
    [0, 59_499, 60_000, 3_599_000, 3_900_000].map(duration),
    ["0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 5 min"],
  );
});

Deno.test("clearing leaves an empty line, once", () => {
  let written = "";
  const terminal = {
    writeSync(bytes: Uint8Array): number {
      written += new TextDecoder().decode(bytes.subarray(0, 3));
      return Math.min(3, bytes.length); // short writes happen
    },
  };
  const bar = new ProgressBar(terminal, () => 12);
  bar.begin(1);
  bar.clear();
  assert.equal(written, "");
  bar.start(0, "a.png");
  assert.equal(written, "\r[----------\x1b[K");
  written = "";
  bar.clear();
  bar.clear();
  assert.equal(written, "\r\x1b[K");
});

Deno.test("each batch of a watch is counted by itself", () => {
  let written = "";
  const terminal = {
    writeSync(bytes: Uint8Array): number {
      written += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  const bar = new ProgressBar(terminal, () => 200);
  bar.begin(3);
  bar.start(2, "c.png");
  bar.begin(2);
  written = "";
  bar.start(1, "e.png");
  assert.match(written, /\] {2}50 % {2}image 2\/2 e\.png {2}starting/);
});
