/**
 * Runs the training system's own tests, where there is a Python that has
 * PyTorch, and holds onnxruntime against PyTorch on the models they export.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pythonWith } from "../bench/torch.ts";
import type { Tensor } from "../lib/runtime/backend.ts";
import { openBackend } from "../lib/runtime/open_backend.ts";
import { openStore } from "../lib/models/store.ts";

const required = (Deno.env.get("LIMPID_REQUIRE") ?? "").split(",")
  .includes("training");
const named = Deno.env.get("LIMPID_PYTHON");
const python = await pythonWith(
  "torch, numpy, PIL, skimage, onnx",
  named ? [named] : undefined,
);

Deno.test({
  name: "training: synthesis, both stages, evaluation and export",
  ignore: python === null && !required,
  async fn(): Promise<void> {
    assert.ok(
      python,
      "no python3 here can import torch, numpy, PIL, skimage and onnx",
    );
    const script = new URL("../models/training/smoke_test.py", import.meta.url);
    const reference = await Deno.makeTempDir();
    try {
      const { code, stderr } = await new Deno.Command(python, {
        args: [script.pathname, "--reference", reference],
        stdout: "null",
        stderr: "piped",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      await compareWithPyTorch(reference);
    } finally {
      await Deno.remove(reference, { recursive: true });
    }
  },
});

/** Where a tensor stands that PyTorch took or gave: raw float32, little-endian. */
interface Saved {
  readonly file: string;
  readonly dims: readonly number[];
}

/** The exported graphs compute what the networks they were made from do. */
async function compareWithPyTorch(folder: string): Promise<void> {
  const store = await openStore(folder);
  await using backend = await openBackend({ device: "wasm" });
  assert.equal(store.models.length, 7);
  for (const { id, graph } of store.models) {
    const { inputs, outputs }: Record<string, Record<string, Saved>> = JSON
      .parse(await Deno.readTextFile(join(folder, `${id}.json`)));
    const session = await backend.load(id, await store.get(id), { graph });
    const found = await session.run(await readTensors(folder, inputs!));
    const wanted = await readTensors(folder, outputs!);
    assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
    for (const [name, { data, dims }] of Object.entries(wanted)) {
      assert.deepEqual(found[name]!.dims, dims);
      const farthest = data.reduce(
        (most, value, i) =>
          Math.max(most, Math.abs(value - found[name]!.data[i]!)),
        0,
      );
      assert.ok(farthest < 1e-4, `${id} ${name} is off by ${farthest}`);
    }
  }
}

async function readTensors(
  folder: string,
  saved: Readonly<Record<string, Saved>>,
): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { file, dims }] of Object.entries(saved)) {
    const bytes = await Deno.readFile(join(folder, file));
    tensors[name] = { data: new Float32Array(bytes.buffer), dims };
  }
  return tensors;
}
