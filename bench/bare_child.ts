/**
 * Measures the runtime alone, without Limpid: the same networks over the same
 * tiles, with the runtime's own defaults but for the number of threads. On `cpu` and `wasm` each tile is cut before the clock runs; on
 * `webgpu` the inputs are on the GPU already and outputs stay there.
 */
import { halveGraph } from "../lib/backend/halve_graph.ts";
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../deps.ts";
import { ONNXRUNTIME_NODE, ONNXRUNTIME_WEB } from "../deps.ts";
import { requestAdapter } from "../lib/backend/adapter.ts";
import { decode } from "../lib/image/decode.ts";
import { openStore } from "../lib/models/store.ts";
import { pack, rgbPlanes } from "../lib/planar.ts";
import { THUMB, thumbnail } from "../lib/thumbnail.ts";
import type { Tile, TilePlan } from "../lib/tiles.ts";
import { answer, jobOf } from "./answer.ts";
import { plansOf } from "./arithmetic.ts";
import type { BaselineAnswer, Job } from "./protocol.ts";
import { peakMemory, processorTime } from "./usage.ts";

const job = jobOf<Job>();
const { device, models, task, picture, threads, restored, precisions } = job;
const limits = { maxPixels: Infinity, maxBytes: Infinity };
const raster = await pack(
  (await decode(await Deno.readFile(picture), limits)).raster,
);

const module = await import(
  device === "cpu" ? ONNXRUNTIME_NODE : ONNXRUNTIME_WEB
);
const ort: OnnxRuntime = module.default ?? module;
const gpu = device === "webgpu" ? await gpuDevice() : null;
if (device !== "cpu") ort.env.wasm.numThreads = 1;

const store = await openStore(models);
const { width, height } = raster;
const plans = plansOf(store, task, width, height, job.tile, job.side);
const tiles = { mask: tilesOf(plans.mask), restore: tilesOf(plans.restore) };
const mask = await load("mask");
const restore = await load("restore");
const thumb = input(thumbnail(raster), [1, 3, THUMB, THUMB]);
const thumbMask = input(half(THUMB * THUMB), [1, 1, THUMB, THUMB]);
const onGpu = gpu && {
  mask: feedsOf(tiles.mask[0]!),
  restore: feedsOf(tiles.restore[0]!),
};

await measure(1, 1); // warm up
await answer(async (): Promise<BaselineAnswer> => ({
  ...await measure(tiles.mask.length, restored),
  peak: peakMemory(),
}));

/** The time for the mask network on its first tiles, and the restorer on its. */
async function measure(
  masked: number,
  restored: number,
): Promise<Pick<BaselineAnswer, "ms" | "cpu">> {
  let [ms, cpu] = [0, 0];
  for (
    const [kind, session, count] of [
      ["mask", mask, masked],
      ["restore", restore, restored],
    ] as const
  ) {
    for (const tile of tiles[kind].slice(0, count)) {
      const { image, mask } = onGpu?.[kind] ?? feedsOf(tile);
      const feeds = kind === "restore"
        ? { image, mask, thumb, thumb_mask: thumbMask }
        : { image, thumb };
      const [start, used] = [performance.now(), processorTime()];
      const outputs = await session.run(feeds);
      ms += performance.now() - start;
      cpu += processorTime() - used;
      for (const output of Object.values(outputs)) output.dispose();
    }
  }
  if (gpu !== null) {
    const start = performance.now();
    await gpu.queue.onSubmittedWorkDone();
    ms += performance.now() - start;
  }
  return { ms, cpu };
}

function tilesOf(plan: TilePlan): readonly Tile[] {
  return [...plan.lines()].flatMap((line) => line.tiles);
}

function feedsOf(tile: Tile): { image: OnnxTensor; mask: OnnxTensor } {
  const size = [tile.height, tile.width];
  return {
    image: input(rgbPlanes(raster, tile), [1, 3, ...size]),
    mask: input(half(tile.width * tile.height), [1, 1, ...size]),
  };
}

function half(length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(length).fill(0.5);
}

function input(data: Float32Array<ArrayBuffer>, dims: number[]): OnnxTensor {
  if (gpu === null) return new ort.Tensor("float32", data, dims);
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = gpu.createBuffer({
    size: data.byteLength,
    usage: STORAGE | COPY_DST,
  });
  gpu.queue.writeBuffer(buffer, 0, data);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
}

async function load(kind: "mask" | "restore"): Promise<OnnxSession> {
  const { id } = store.find(kind === "mask" ? { kind } : { kind, task });
  const common = {
    logSeverityLevel: 3,
    graphOptimizationLevel: "all",
  } as const;
  const file = await store.get(id);
  const half = precisions[kind === "mask" ? 0 : 1] === "fp16";
  return await ort.InferenceSession.create(
    half ? await halveGraph(file) : file,
    gpu !== null
      ? {
        ...common,
        executionProviders: [{ name: "webgpu", device: gpu }],
        preferredOutputLocation: "gpu-buffer",
      }
      : device === "cpu"
      ? { ...common, intraOpNumThreads: threads }
      : { ...common, executionProviders: ["wasm"] },
  );
}

async function gpuDevice(): Promise<GPUDevice> {
  const adapter = await requestAdapter(true);
  if ("why" in adapter) throw new Error(adapter.why);
  return adapter.device;
}
