import assert from "node:assert/strict";
import { LimpidError } from "./errors.ts";
import {
  checkMaskSize,
  encodeSettings,
  maskSettings,
  restorerSettings,
  restoreSettings,
  splitOptions,
} from "./options.ts";
import type { Task } from "./types.ts";

/** JavaScript callers are not checked by types. */
// deno-lint-ignore no-explicit-any
type Anything = any;

Deno.test("defaults", () => {
  const { onProgress, ...settings } = restoreSettings({});
  assert.equal(typeof onProgress, "function");
  assert.deepEqual(settings, {
    tasks: "auto",
    minConfidence: 0.75,
    size: null,
    tile: null,
    halo: null,
    strength: 1,
    threshold: null,
    mask: null,
    format: null,
    quality: null,
    metadata: null,
    depth: 8,
    signal: null,
  });
  assert.deepEqual(restorerSettings({}), {
    device: "auto",
    models: null,
    offline: false,
    precision: "auto",
    size: "auto",
    preload: [],
    maxPixels: 50_000_000,
    maxBytes: 134_217_728,
    maxMemory: null,
    signal: null,
  });
});

Deno.test("lists and masks are copied: the caller may use its own again", () => {
  const task: Task[] = ["rain"];
  const mask = { width: 2, height: 1, data: new Uint8ClampedArray([7, 9]) };
  const settings = restoreSettings({ task, mask });
  task.push("haze");
  mask.data.fill(0);
  assert.deepEqual(settings.tasks, ["rain"]);
  assert.deepEqual([...settings.mask!.data], [7, 9]);
});

Deno.test.each([
  [
    { task: ["rain", "rain"] },
    'The option task is "rain, rain"; it must be auto, or some of rain, raindrop, haze, blur, each once.',
  ],
  [
    { task: [] },
    'The option task is ""; it must be auto, or some of rain, raindrop, haze, blur, each once.',
  ],
  [
    { depth: 12 },
    "The option depth is 12; it must be one of 8, 16.",
  ],
  [
    { minConfidence: 1.2 },
    "The option minConfidence is 1.2; it must be a number from 0 to 1.",
  ],
  [
    { task: "snow" },
    'The option task is "snow"; it must be auto, or some of rain, raindrop, haze, blur, each once.',
  ],
  [
    { task: ["auto"] as const, minConfidence: 1n },
    "The option minConfidence is 1n; it must be a number from 0 to 1.",
  ],
  [
    { task: [Symbol("rain"), Object.create(null)] },
    "The option task is an array; it must be auto, or some of rain, raindrop, haze, blur, each once.",
  ],
  [
    { strength: NaN },
    "The option strength is NaN; it must be a number from 0 to 1.",
  ],
  [
    { strength: "1" },
    'The option strength is "1"; it must be a number from 0 to 1.',
  ],
  [
    { threshold: -0.1 },
    "The option threshold is -0.1; it must be a number from 0 to 1.",
  ],
  [
    { tile: 100 },
    "The option tile is 100; it must be a multiple of 16 from 64 to 4096.",
  ],
  [
    { tile: 8192 },
    "The option tile is 8192; it must be a multiple of 16 from 64 to 4096.",
  ],
  [
    { tile: NaN },
    "The option tile is NaN; it must be a multiple of 16 from 64 to 4096.",
  ],
  [
    { halo: 272 },
    "The option halo is 272; it must be a multiple of 16 from 0 to 256.",
  ],
  [
    { halo: 10 },
    "The option halo is 10; it must be a multiple of 16 from 0 to 256.",
  ],
  [
    { quality: 0 },
    "The option quality is 0; it must be a number from 1 to 100, or lossless.",
  ],
  [
    { format: "gif" },
    'The option format is "gif"; it must be one of png, jpeg, webp, avif, tiff.',
  ],
  [
    { signal: {} },
    "The option signal is an object; it must be an AbortSignal.",
  ],
  [{ onProgress: 1 }, "The option onProgress is 1; it must be a function."],
  [
    { mask: { width: 2, height: 2, data: new Uint8Array(3) } },
    "The option mask is an object; it must be { width, height, data }, data a Uint8Array of width * height bytes.",
  ],
  [
    { mask: { width: "1", height: "2", data: new Uint8Array(2) } },
    "The option mask is an object; it must be { width, height, data }, data a Uint8Array of width * height bytes.",
  ],
  [
    { task: Object.assign([], { 0: "rain", 2: "haze" }) },
    "The option task is an array; it must be auto, or some of rain, raindrop, haze, blur, each once.",
  ],
  [null, "The options are null; they must be an object."],
])("restore refuses %j", (options: Anything, message: Anything) => {
  assert.throws(
    () => restoreSettings(options),
    new LimpidError("invalid-option", message),
  );
});

Deno.test.each([
  [
    { device: "tpu" },
    'The option device is "tpu"; it must be one of webgpu, cpu, wasm, auto.',
  ],
  [
    { models: 3 },
    "The option models is 3; it must be a folder's path or a URL.",
  ],
  [
    { maxPixels: 0.5 },
    "The option maxPixels is 0.5; it must be a whole number from 1 to 268435456.",
  ],
  [
    { maxBytes: -1 },
    "The option maxBytes is -1; it must be a whole number from 1 to 2147483648.",
  ],
])("a restorer refuses %j", (options: Anything, message: Anything) => {
  assert.throws(
    () => restorerSettings(options),
    new LimpidError("invalid-option", message),
  );
});

Deno.test("a mask of another size than the image's is refused", () => {
  const mask = { width: 2, height: 3, data: new Uint8Array(6) };
  checkMaskSize(mask, 2, 3);
  assert.throws(() => checkMaskSize(mask, 3, 2), {
    code: "invalid-option",
    message: "The mask is 2x3; it must have the image's size, 3x2.",
  });
});

Deno.test("an option that there is not is told, not ignored", () => {
  const cases: [(options: Anything) => unknown, Anything, RegExp][] = [
    [
      restoreSettings,
      { taks: "rain" },
      /no option taks \(did you mean task\?\)/,
    ],
    [restoreSettings, { device: "cpu" }, /no option device /],
    [maskSettings, { strength: 1 }, /no option strength /],
    [restorerSettings, { maxPixel: 1 }, /did you mean maxPixels\?/],
    [restorerSettings, { toString: 1 }, /no option toString /],
    [encodeSettings, { qualtiy: 1 }, /did you mean quality\?/],
  ];
  for (const [settings, options, message] of cases) {
    assert.throws(() => settings(options), { code: "invalid-option", message });
  }
  // Absent options count as not set.
  restoreSettings({ taks: undefined } as Anything);
});

Deno.test("options for one image go to the restorer or to the image", () => {
  const options = { device: "wasm", size: "small", task: "rain" } as const;
  assert.deepEqual(splitOptions(options), {
    restorer: { device: "wasm", size: "small" },
    image: { size: "small", task: "rain" },
  });
  const { image } = splitOptions({ taks: 1 } as Anything);
  assert.throws(() => restoreSettings(image), { code: "invalid-option" });
});
