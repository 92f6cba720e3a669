import assert from "node:assert/strict";
import { givesExtent, type Manifest, parseManifest } from "./manifest.ts";

const MASK = {
  id: "mask-small-1",
  kind: "mask",
  task: null,
  size: "small",
  file: "mask-small-1.onnx",
  bytes: 10,
  sha256: "0123456789abcdef".repeat(4),
  graph: {
    thumb: 128,
    inputs: ["image", "thumb"],
    outputs: ["mask", "evidence", "attention"],
  },
  threshold: null,
  softness: null,
  gmacs: 0.5,
  figures: {},
  licence: "MIT",
  provenance: "a test",
};
const RAIN = {
  ...MASK,
  id: "rain-small-1",
  kind: "restore",
  task: "rain",
  graph: {
    ...MASK.graph,
    inputs: ["image", "mask", "thumb", "thumb_mask"],
    outputs: ["restored"],
  },
  threshold: 0.05,
  softness: 0.2,
};

const HAZE_MASK = {
  ...MASK,
  id: "haze-mask-small-1",
  task: "haze",
  whole: 256,
};
const HAZE = {
  ...RAIN,
  id: "haze-small-1",
  task: "haze",
  whole: 256,
  graph: { ...RAIN.graph, outputs: ["correction"] },
};

Deno.test("parseManifest: every field comes back, unknown ones do not", () => {
  const json = JSON.stringify({
    version: 1,
    made: "today",
    models: [{ ...MASK, colour: "red" }, RAIN],
  });
  assert.deepEqual(parseManifest(json, "m"), {
    version: 1,
    models: [MASK, RAIN],
  });
});

Deno.test("parseManifest: what may be absent comes back where it is there", () => {
  const large = {
    ...RAIN,
    size: "large",
    precision: "fp16",
    devices: ["webgpu"],
    url: "https://host/rain?X-Amz-Signature=1",
  };
  const json = JSON.stringify({ version: 1, models: [large] });
  assert.deepEqual(parseManifest(json, "m").models, [large]);
});

Deno.test("parseManifest: a mask model of one task may give evidence alone", () => {
  const graph = {
    ...MASK.graph,
    inputs: ["image"],
    outputs: ["attention", "evidence"],
  };
  const blur = { ...MASK, id: "extent", task: "blur", graph };
  const parse = (...models: unknown[]): Manifest =>
    parseManifest(JSON.stringify({ version: 1, models }), "test");
  const { models } = parse(MASK, blur);
  assert.deepEqual(models.map(givesExtent), [false, true]);
  assert.throws(
    () => parse({ ...blur, task: null }),
    /graph\.inputs must be image, thumb for a mask model/,
  );
});

Deno.test("parseManifest: models that see the whole image", () => {
  const whole = (...models: object[]): readonly object[] =>
    parseManifest(JSON.stringify({ version: 1, models }), "m").models;
  assert.deepEqual(whole(MASK, HAZE_MASK, HAZE), [MASK, HAZE_MASK, HAZE]);
  assert.throws(() => whole(MASK, HAZE), /no mask model of haze for webgpu/);
  const large = { ...HAZE_MASK, id: "haze-mask-large-1", size: "large" };
  assert.deepEqual(whole(MASK, large, HAZE), [MASK, large, HAZE]);
  assert.throws(
    () => whole(MASK, { ...large, whole: 128 }, HAZE),
    /haze-small-1 and haze-mask-large-1 must have the same whole/,
  );
  assert.throws(
    () => whole(MASK, { ...HAZE_MASK, whole: 128 }, HAZE),
    /haze-small-1 and haze-mask-small-1 must have the same whole/,
  );
  const own = { ...MASK, id: "rain-mask-small-1", task: "rain" };
  assert.deepEqual(whole(MASK, own, RAIN), [MASK, own, RAIN]);
  assert.throws(
    () => whole(MASK, { ...own, whole: 256 }, RAIN),
    /rain-small-1 and rain-mask-small-1 must have the same whole/,
  );
});

/** Invalid entries, and what the message must say. */
const WRONG: [unknown, RegExp][] = [
  [null, /it must be an object/],
  [[], /it must be an object/],
  [{ models: [MASK] }, /version is missing/],
  [{ version: 2, models: [MASK] }, /version must be 1/],
  [{ version: 1, models: [] }, /models must be a list/],
  [{ version: 1, models: { 0: MASK } }, /models must be a list/],
  [{ version: 1, models: [7] }, /models\[0\] must be an object/],
  [{ version: 1, models: [MASK, MASK] }, /two models have the id mask-small-1/],
];
const WRONG_MODEL: [object, RegExp][] = [
  [{ ...HAZE, whole: 100 }, /whole must be a multiple of 16 from 64 to 1024/],
  [{ ...HAZE, whole: 2048 }, /whole must be a multiple of 16 from 64 to 1024/],
  [{ ...HAZE, graph: RAIN.graph }, /graph\.outputs must be correction/],
  [{ ...RAIN, graph: HAZE.graph }, /graph\.outputs must be restored/],
  [{ ...HAZE_MASK, task: null }, /whole must be absent/],
  [{ ...RAIN, id: "a/b" }, /models\[0\]\.id must be a name/],
  [{ ...RAIN, file: "../secret" }, /file must be a name/],
  [{ ...RAIN, file: "https://x/y" }, /file must be a name/],
  [{ ...RAIN, kind: "paint" }, /kind must be one of mask, restore/],
  [{ ...RAIN, task: "snow" }, /task must be one of rain, raindrop/],
  [{ ...RAIN, task: null }, /task must not be null for a restore model/],
  [{ ...MASK, threshold: 0.1 }, /threshold must be null for a mask model/],
  [{ ...RAIN, size: "huge" }, /size must be one of small, large/],
  [{ ...RAIN, bytes: 0 }, /bytes must be a whole number/],
  [{ ...RAIN, bytes: 1.5 }, /bytes must be a whole number/],
  [{ ...RAIN, bytes: 2 ** 40 }, /bytes must be a whole number/],
  [{ ...RAIN, sha256: MASK.sha256.toUpperCase() }, /sha256 must be 64/],
  [{ ...RAIN, precision: "fp8" }, /precision must be one of fp32, fp16/],
  [{ ...RAIN, devices: [] }, /devices must be a list of webgpu, cpu, wasm/],
  [{ ...RAIN, devices: ["tpu"] }, /devices must be a list of webgpu/],
  [{ ...RAIN, url: "file:///etc/passwd" }, /url must be an https: or http:/],
  [{ ...RAIN, url: 7 }, /url must be an https: or http: URL/],
  [
    { ...MASK, graph: { ...MASK.graph, channels: [] } },
    /graph\.channels must be a list of names, each once/,
  ],
  [
    { ...MASK, graph: { ...MASK.graph, channels: ["rain", "rain"] } },
    /graph\.channels must be a list of names, each once/,
  ],
  [
    { ...MASK, task: "haze", graph: { ...MASK.graph, channels: ["rain"] } },
    /graph\.channels must have its task/,
  ],
  [{ ...RAIN, threshold: 1.1 }, /threshold must be a number from 0 to 1/],
  [{ ...RAIN, threshold: "0.1" }, /threshold must be a number/],
  [{ ...RAIN, softness: 0 }, /softness must be above 0/],
  [{ ...RAIN, softness: null }, /softness must not be null/],
  [{ ...RAIN, gmacs: 0 }, /gmacs must be a number above 0/],
  [{ ...RAIN, figures: [] }, /figures must be an object/],
  [{ ...RAIN, licence: "" }, /licence must be a text/],
  [{ ...RAIN, provenance: undefined }, /provenance is missing/],
  [{ ...RAIN, graph: 1 }, /graph must be an object/],
  [{ ...RAIN, cut: { tile: 1000, halo: 96 } }, /cut\.tile must/],
  [{ ...RAIN, cut: { tile: 960, halo: 272 } }, /cut\.halo must/],
  [{ ...RAIN, graph: { ...RAIN.graph, thumb: -1 } }, /graph\.thumb must/],
  [{ ...RAIN, graph: { ...RAIN.graph, inputs: [1] } }, /inputs must be a list/],
  [
    { ...RAIN, graph: MASK.graph },
    /graph\.inputs must be image, mask, thumb, thumb_mask for a restore model/,
  ],
  [
    { ...RAIN, graph: { ...RAIN.graph, outputs: ["x"] } },
    /graph\.outputs must be restored/,
  ],
];

Deno.test("parseManifest: what is wrong is named", () => {
  const models = WRONG_MODEL.map(([model, message]): [unknown, RegExp] => [
    { version: 1, models: [model] },
    message,
  ]);
  for (const [manifest, message] of [...WRONG, ...models]) {
    assert.throws(() => parseManifest(JSON.stringify(manifest), "here"), {
      name: "LimpidError",
      code: "model-corrupt",
      message,
    });
  }
  assert.throws(() => parseManifest("{", "here"), {
    code: "model-corrupt",
    message: "The manifest here is not valid: it is not JSON.",
  });
});
