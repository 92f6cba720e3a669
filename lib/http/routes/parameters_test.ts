import assert from "node:assert/strict";
import { readParameters, restoreParameters } from "./parameters.ts";

const read = (query: string): unknown =>
  readParameters(restoreParameters, new URLSearchParams(query));

Deno.test("parameters: what they say becomes options, spaces or not", () => {
  assert.deepEqual(read("task=haze, rain&quality=70&depth=16"), {
    task: ["haze", "rain"],
    quality: 70,
    depth: 16,
  });
  assert.deepEqual(read("task=auto&quality=lossless"), {
    task: "auto",
    quality: "lossless",
  });
});

Deno.test("parameters: what cannot be is told, with all that can", () => {
  const quality = "it must be a number from 1 to 100, or lossless";
  const task =
    "it must be auto, or some of rain, raindrop, haze, blur, each once";
  for (
    const [name, value, must] of [
      ["quality", "0", quality],
      ["quality", "101", quality],
      ["quality", "best", quality],
      ["task", "auto,rain", task],
      ["task", "rain, rain", task],
      ["task", "snow", task],
      ["minConfidence", "1.5", "it must be a number from 0 to 1"],
      ["minConfidence", "-1", "it must be a number from 0 to 1"],
      ["minConfidence", "much", "it must be a number from 0 to 1"],
    ] as const
  ) {
    assert.throws(() => read(`${name}=${value}`), {
      code: "invalid-option",
      message: `The parameter "${name}" is "${value}"; ${must}.`,
    });
  }
  assert.throws(() => read("strength="), {
    message:
      'The parameter "strength" has no value; give it one, or leave it out.',
  });
});
