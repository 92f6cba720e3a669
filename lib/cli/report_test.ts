import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import {
  errorLine,
  errorObject,
  meansLine,
  resultLine,
  warningLines,
} from "./report.ts";
import { RESULT } from "../../tests/sample_result.ts";

Deno.test("a restored image in one line; nearly all is not all", () => {
  assert.equal(
    resultLine("a.png", "b.png", RESULT),
    "a.png -> b.png: rain (99 % sure), covers 43 %, severity 0.31; " +
      "over 99 % of pixels identical, 5/6 tiles restored; 1.8 s",
  );
  assert.deepEqual(warningLines(RESULT), ["  The JPEG lacks its end marker."]);
  const told = new Set<string>();
  assert.equal(
    meansLine(RESULT, told),
    "  Running on cpu, as asked for. Preferred size: small. Models: mask-small-1 in fp16, rain-small-1 in fp16.",
  );
  assert.equal(meansLine(RESULT, told), null);
  const [mask] = RESULT.models;
  const other = {
    ...RESULT,
    models: [mask!, { ...mask!, id: "haze-small-1" }],
  };
  assert.equal(meansLine(other, told), "  Models: haze-small-1 in fp16.");
});

const CLEAN = {
  ...RESULT,
  task: "clean",
  tasks: [],
  restored: [],
  coverage: 0,
  severity: 0,
  identicalPixels: 1,
  tiles: { total: 1, restored: 0, side: 512, asked: 512 },
} as const;

Deno.test("an image that is too narrow is not called clean", () => {
  const unseen = {
    ...CLEAN,
    confidence: 0,
    tiles: { total: 0, restored: 0, side: 0, asked: 0 },
  };
  assert.equal(
    resultLine("a.png", null, unseen),
    "a.png: not looked at; 100 % of pixels identical, 0/0 tiles restored; 1.8 s",
  );
});

Deno.test("a clean image has nothing to restore", () => {
  assert.equal(
    resultLine("a.png", "b.png", CLEAN),
    "a.png -> b.png: clean (99 % sure), nothing to restore; 100 % of pixels identical, 0/1 tiles restored; 1.8 s",
  );
});

Deno.test("what is not sure enough is said, and that it was left", () => {
  const unsure = {
    ...RESULT,
    restored: [],
    probabilities: { ...RESULT.probabilities, rain: 0.61 },
    identicalPixels: 1,
  };
  assert.equal(
    resultLine("a.png", "b.png", unsure),
    "a.png -> b.png: rain (61 % sure), covers 43 %, severity 0.31; not sure enough to restore it, left as it is (--task rain restores it); 1.8 s",
  );
});

Deno.test("two damages are named, and which of them was restored", () => {
  const two = {
    ...RESULT,
    tasks: ["haze", "rain"],
    restored: ["rain"],
    probabilities: { ...RESULT.probabilities, haze: 0.7 },
  } as const;
  const line = resultLine("a.png", "b.png", two);
  assert.ok(line.includes("haze (70 % sure) and rain (99 % sure)"), line);
  assert.ok(line.includes("restored rain alone"), line);
});

Deno.test("a failure names the input once, and its code", () => {
  const named = new LimpidError("not-found", "There is no file a.png.");
  const unnamed = new LimpidError("empty-input", "The input is empty.");
  assert.equal(
    errorLine("a.png", named),
    "limpid: There is no file a.png. [not-found]",
  );
  assert.equal(
    errorLine("a.png", unnamed),
    "limpid: a.png: The input is empty. [empty-input]",
  );
  assert.deepEqual(errorObject("a.png", unnamed), {
    input: "a.png",
    error: { code: "empty-input", message: "The input is empty." },
  });
});

Deno.test("names cannot steer the terminal", () => {
  assert.match(resultLine("\x1b[2J.png", "b.png", RESULT), /^\?\[2J\.png -> /);
});
