import assert from "node:assert/strict";
import {
  concat,
  field,
  tinyNetwork,
  writeOnnx,
} from "../../../tests/tiny_onnx.ts";
import { externalData } from "./external_data.ts";
import { openBackend } from "../open_backend.ts";

const FLOAT = 1;
const entry = (key: string, value: string): Uint8Array =>
  field(13, concat([field(1, key), field(2, value)]));
/** A tensor of one number whose bytes lie in `w.bin`. */
const elsewhere = concat([
  field(1, 1),
  field(2, FLOAT),
  field(8, "w"),
  entry("location", "w.bin"),
  field(14, 1),
]);
/** The same where it should be. */
const here = concat([
  field(1, 1),
  field(2, FLOAT),
  field(8, "w"),
  field(9, Uint8Array.of(0, 0, 128, 63)),
]);

/** Everywhere that onnx.proto has tensors, as the model's outermost field. */
const PLACES: Readonly<Record<string, (tensor: Uint8Array) => Uint8Array>> = {
  "a weight": (t) => field(7, field(5, t)),
  "a sparse weight": (t) => field(7, field(15, field(1, t))),
  "the places of a sparse weight": (t) => field(7, field(15, field(2, t))),
  "a constant": (t) => inAttribute(field(5, t)),
  "one of several constants": (t) => inAttribute(field(10, t)),
  "a sparse constant": (t) => inAttribute(field(22, field(1, t))),
  "one of several sparse ones": (t) => inAttribute(field(23, field(2, t))),
  "a graph within": (t) => inAttribute(field(6, field(5, t))),
  "a graph in a graph within": (t) =>
    inAttribute(field(11, field(1, field(5, field(6, field(5, t)))))),
  "a function": (t) => field(25, field(7, field(5, field(5, t)))),
  "a function's default": (t) => field(25, field(11, field(5, t))),
  "training": (t) => field(20, field(2, field(5, t))),
  "a graph's second part": (t) =>
    concat([field(7, field(2, "first")), field(7, field(5, t))]),
  "a field that is coded longer than it must be": (t) =>
    field(7, concat([Uint8Array.of(0xaa, 0x80, 0), field(5, t).subarray(1)])),
};

function inAttribute(value: Uint8Array): Uint8Array {
  return field(7, field(1, concat([field(4, "If"), field(5, value)])));
}

for (const [place, wrap] of Object.entries(PLACES)) {
  Deno.test(`external data of ${place} is found, and what is in the file is not`, async () => {
    const model = (tensor: Uint8Array): Uint8Array =>
      concat([field(1, 8), wrap(tensor)]);
    assert.match(`${await externalData(model(elsewhere))}`, /external data/);
    assert.equal(await externalData(model(here)), null);
  });
}

Deno.test("half of a declaration is external data too", async () => {
  for (
    const tensor of [
      field(14, 1),
      // The same number, coded in two bytes.
      Uint8Array.of(0x70, 0x81, 0),
      entry("location", "w.bin"),
    ]
  ) {
    const model = field(7, field(5, concat([here, tensor])));
    assert.match(`${await externalData(model)}`, /external data/);
  }
  const plain = field(7, field(5, concat([here, field(14, 0)])));
  assert.equal(await externalData(plain), null);
});

for (const device of ["cpu", "wasm"] as const) {
  Deno.test(`attack: ${device} reads no file that a model names`, async () => {
    await using backend = await openBackend({ device });
    const graph = {
      inputs: { x: [1] },
      outputs: { y: [1] },
      weights: {},
      nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
    };
    // A file that is there; the runtime would take its first bytes.
    const file = new URL(import.meta.url).pathname;
    const tensor = concat([
      field(1, 1),
      field(2, FLOAT),
      field(8, "w"),
      entry("location", file),
      entry("length", "4"),
      field(14, 1),
    ]);
    // Parsers merge the two parts of the graph.
    const model = concat([writeOnnx(graph), field(7, field(5, tensor))]);
    await assert.rejects(backend.load("external", model), {
      code: "model-corrupt",
      message:
        "The model external has weights in other files (external data), which nobody has verified; use a model that is one ONNX file.",
    });
    const whole = concat([writeOnnx(graph), field(7, field(5, here))]);
    const session = await backend.load("whole", whole);
    const x = { data: Float32Array.of(1), dims: [1] };
    assert.deepEqual([...(await session.run({ x }))["y"]!.data], [2]);
    // The runtime's own format is told by four letters.
    const own = tinyNetwork();
    own.set(new TextEncoder().encode("ORTM"), 4);
    await assert.rejects(backend.load("own", own), {
      code: "model-corrupt",
      message: /the runtime's own format/,
    });
  });
}
