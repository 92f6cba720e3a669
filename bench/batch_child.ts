/** Runs a restorer on several tiles of a GPU in one of the {@linkcode BATCH_FORMS}. */
import { countGpu } from "./gpu_counter.ts";
import { countGpuMemory } from "./gpu_memory.ts";

const look = countGpu();
const memory = countGpuMemory();

import type { OnnxRuntime, OnnxTensor } from "../deps.ts";
import { DEVICE_TABLE } from "../lib/devices.ts";
import { openStore } from "../lib/models/store.ts";
import { THUMB } from "../lib/pixels/thumbnail.ts";
import { requestAdapter } from "../lib/runtime/gpu_adapter.ts";
import { convertToFp16 } from "../lib/runtime/graph/convert_to_fp16.ts";
import { answer, jobOf, say } from "./answer.ts";
import { gpuInput } from "./gpu_input.ts";
import { openBatch } from "./open_batch.ts";
import { networksOf, ofSize } from "./passes.ts";
import type {
  BatchAnswer,
  BatchForm,
  BatchJob,
  BatchReady,
} from "./protocol.ts";

const { models, task, precision, size, side, tiles, form } = jobOf<BatchJob>();
const adapter = await requestAdapter(true);
if ("why" in adapter) throw new Error(`${adapter.why}; ${adapter.remedy}`);
const gpu = adapter.device;
const module = await import(DEVICE_TABLE.webgpu.runtime);
const ort: OnnxRuntime = module.default ?? module;
ort.env.wasm.numThreads = 1;

const store = await openStore(models);
const { id } = networksOf(ofSize(store, size, adapter.half), task).at(-1)!;
const half = precision === "auto" ? adapter.half : precision === "fp16";
const open = await openBatch(await store.get(id), ["image", "mask"]);
const session = await ort.InferenceSession.create(
  half ? await convertToFp16(open) : open,
  {
    logSeverityLevel: 3,
    executionProviders: [{ name: "webgpu", device: gpu }],
    preferredOutputLocation: "gpu-buffer",
  },
);

/** Tiles in a run, their width, and runs. */
const FORMS: Readonly<Record<BatchForm, readonly [number, number, number]>> = {
  alone: [1, side, tiles],
  batch: [tiles, side, 1],
  joined: [1, side * tiles, 1],
};
const [count, width, runs] = FORMS[form];
const feeds = {
  image: input([count, 3, side, width]),
  mask: input([count, 1, side, width]),
  thumb: input([1, 3, THUMB, THUMB]),
  thumb_mask: input([1, 1, THUMB, THUMB]),
};
memory();
const before = memory();
await measure();
const peak = memory() - before;
say({ id, precision: half ? "fp16" : "fp32" } satisfies BatchReady);
await answer(async (): Promise<BatchAnswer> => {
  look();
  const ms = await measure();
  const { calls, kernels, submissions } = look();
  return { ms, calls, kernels, submissions, peak };
});
Deno.exit(0);

async function measure(): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < runs; i++) {
    const outputs = await session.run(feeds);
    for (const output of Object.values(outputs)) output.dispose();
  }
  await gpu.queue.onSubmittedWorkDone();
  return performance.now() - began;
}

function input(dims: readonly number[]): OnnxTensor {
  const data = new Float32Array(dims.reduce((a, b) => a * b)).fill(0.5);
  return gpuInput(ort, gpu, data, dims);
}
