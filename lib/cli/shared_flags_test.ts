import assert from "node:assert/strict";
import { parseFlags } from "../flags/parse_flags.ts";
import { RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { imageOptions, RESTORE_FLAGS, RESULT_FLAGS } from "./shared_flags.ts";

const FLAGS = {
  ...RESTORE_FLAGS,
  ...RESULT_FLAGS,
  ...RUNTIME_FLAGS,
};

Deno.test("a value outside its range is told by the flag's name, or its variable's, in the flag's unit", () => {
  const share = "a number from 0 to 1";
  for (
    const [name, value, must] of [
      ["min-confidence", "1.5", share],
      ["strength", "2", share],
      ["threshold", "-1", share],
      ["tile", "65", "a multiple of 16 from 64 to 4096"],
      ["halo", "272", "a multiple of 16 from 0 to 256"],
      ["max-memory", "-1", "a number from 1 to 1073741824"],
      ["max-pixels", "1.5", "a whole number from 1 to 268435456"],
      ["max-bytes", "0", "a whole number from 1 to 2147483648"],
    ] as const
  ) {
    const message = `--${name} must be ${must}, not ${value}.`;
    assert.throws(() => parseFlags(FLAGS, [`--${name}`, value], () => ""), {
      code: "invalid-option",
      message,
    });
    const variable = `LIMPID_${name.toUpperCase().replaceAll("-", "_")}`;
    assert.throws(
      () => parseFlags(FLAGS, [], (n) => n === variable ? value : undefined),
      { message: message.replace(`--${name}`, variable) },
    );
  }
});

Deno.test("each damage is named once", () => {
  const taskOf = (value: string): unknown =>
    parseFlags(FLAGS, ["--task", value], () => "").values.task;
  assert.deepEqual(taskOf("haze, rain"), ["haze", "rain"]);
  assert.equal(taskOf("auto"), "auto");
  for (const wrong of ["rain,rain", "auto,rain", "auto,auto"]) {
    assert.throws(() => taskOf(wrong), {
      code: "invalid-option",
      message:
        `--task must be auto, or some of rain, raindrop, haze, blur, each once, not "${wrong}".`,
    });
  }
  assert.throws(() => taskOf("rain,RAIN"), /not "rain,RAIN" \(did you mean/);
});

Deno.test("what the format named cannot hold is told before any image", () => {
  for (
    const [values, message] of [
      [
        { quality: "lossless" },
        /^JPEG has no lossless quality; choose PNG, WebP or TIFF,/,
      ],
      [{ depth: 16 }, /^JPEG holds 8 bits a channel/],
    ] as const
  ) {
    assert.throws(() => imageOptions({ ...values, format: "jpeg" }), {
      code: "invalid-option",
      message,
    });
    // Without one, each image has a format of its own.
    assert.deepEqual(imageOptions(values), values);
    assert.deepEqual(imageOptions({ ...values, format: "png" }), values);
  }
});
