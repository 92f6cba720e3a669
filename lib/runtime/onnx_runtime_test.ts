import assert from "node:assert/strict";
import { writeOnnx } from "../../tests/tiny_onnx.ts";
import { IDENTITY_MODEL } from "./onnx_runtime.ts";

Deno.test("IDENTITY_MODEL is y = x", () => {
  const model = writeOnnx({
    inputs: { x: [1] },
    outputs: { y: [1] },
    weights: {},
    nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
  });
  assert.deepEqual(IDENTITY_MODEL, model);
});
