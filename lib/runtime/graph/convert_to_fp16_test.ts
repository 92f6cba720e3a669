import assert from "node:assert/strict";
import {
  conv3x3,
  type Graph,
  noise,
  writeOnnx,
} from "../../../tests/tiny_onnx.ts";
import type { Tensor } from "../backend.ts";
import { convertToFp16 } from "./convert_to_fp16.ts";
import { FLOAT, FLOAT16, readOnnx } from "./onnx_graph.ts";
import { openBackend } from "../open_backend.ts";

/** Two convolutions, what lies between, before and after them, and a softmax that comes between. */
function graph(): Graph {
  const one = conv3x3("both", "one", 4, 8);
  const two = conv3x3("enlarged", "two", 8, 4);
  const three = conv3x3("shares", "three", 4, 4);
  return {
    inputs: { image: [1, 4, "h", "w"], mask: [1, 4, "h", "w"] },
    outputs: { restored: [1, 4, "h", "w"], one: [1, 8, "h", "w"] },
    weights: {
      ...one.weights,
      ...two.weights,
      ...three.weights,
      scales: { dims: [4], data: Float32Array.of(1, 1, 1, 1) },
    },
    nodes: [
      { op: "Mul", inputs: ["mask", "mask"], outputs: ["square"] },
      { op: "ReduceMean", inputs: ["square"], outputs: ["mean"] },
      { op: "Add", inputs: ["image", "square"], outputs: ["both"] },
      ...one.nodes,
      { op: "Sigmoid", inputs: ["one"], outputs: ["gate"] },
      { op: "Mul", inputs: ["one", "gate"], outputs: ["gated"] },
      {
        op: "Resize",
        inputs: ["gated", "", "scales"],
        outputs: ["enlarged"],
      },
      ...two.nodes,
      {
        op: "Softmax",
        inputs: ["two"],
        outputs: ["shares"],
        attributes: { axis: 1 },
      },
      ...three.nodes,
      { op: "Mul", inputs: ["three", "mean"], outputs: ["change"] },
      { op: "Add", inputs: ["image", "change"], outputs: ["restored"] },
    ],
  };
}

/** The element type that each operator computes in, by the name of what it gives. */
async function typesIn(
  file: Uint8Array<ArrayBuffer>,
): Promise<Map<string, number>> {
  const model = await readOnnx(file);
  const types = new Map(
    [...model.inputs, ...model.weights].map(({ name, type }) => [name, type]),
  );
  for (const node of model.nodes) {
    // How far Resize enlarges is fp32 always.
    const taken = node.op === "Resize" ? node.inputs.slice(0, 1) : node.inputs;
    const inputs = taken.map((name) => types.get(name));
    const [type] = inputs;
    assert.ok(inputs.every((t) => t === type), `${node.op} takes ${inputs}`);
    const to = node.op === "Cast" ? model.integer(node, "to")! : type!;
    for (const output of node.outputs) types.set(output, to);
  }
  return types;
}

Deno.test("convertToFp16: fp16 from a path's first convolution to its last, sums and the outside in fp32", async () => {
  const types = await typesIn(await convertToFp16(writeOnnx(graph())));
  const half = ["one/fp16", "gate", "gated", "enlarged", "two", "three"];
  const whole = ["square", "mean", "shares", "change", "restored", "one"];
  for (const name of half) assert.equal(types.get(name), FLOAT16, name);
  for (const name of whole) assert.equal(types.get(name), FLOAT, name);
});

Deno.test("convertToFp16: the same network, but for rounding", async () => {
  const file = writeOnnx(graph());
  await using backend = await openBackend({ device: "wasm" });
  const names = { inputs: ["image", "mask"], outputs: ["restored", "one"] };
  const run = async (
    model: Uint8Array<ArrayBuffer>,
  ): Promise<Record<string, Tensor>> => {
    const session = await backend.load("tiny", model, { graph: names });
    const dims = [1, 4, 16, 24];
    return await session.run({
      image: { data: noise(1536, 1, 5), dims },
      mask: { data: noise(1536, 1, 6), dims },
    });
  };
  const expected = await run(file);
  const actual = await run(await convertToFp16(file));
  let farthest = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    data.forEach((v, i) =>
      farthest = Math.max(farthest, Math.abs(v - actual[name]!.data[i]!))
    );
  }
  // Some rounding there must be, or nothing was in fp16.
  assert.ok(farthest > 0 && farthest < 5e-3, `${farthest}`);
});

Deno.test("convertToFp16: what is no model is refused", async () => {
  await assert.rejects(convertToFp16(new Uint8Array(100)));
});
