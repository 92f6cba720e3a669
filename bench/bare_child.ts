/**
 * Measures the runtime alone, without Limpid: the same networks on the same
 * tiles, with the runtime's defaults except for the number of threads. On `cpu`
 * and `wasm` tiles are cut, and the image is reduced for networks that see it
 * whole, before the time is taken; on `webgpu` inputs are on the GPU already
 * and outputs stay there.
 */
import { externalData } from "../lib/runtime/graph/external_data.ts";
import { DEVICE_TABLE } from "../lib/devices.ts";
import { convertToFp16 } from "../lib/runtime/graph/convert_to_fp16.ts";
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../deps.ts";
import { requestAdapter } from "../lib/runtime/gpu_adapter.ts";
import { decode } from "../lib/codecs/decode.ts";
import { openStore } from "../lib/models/store.ts";
import { pack, type PackedRaster, rgbPlanes } from "../lib/pixels/planes.ts";
import { reduceImage } from "../lib/pixels/reduce.ts";
import { THUMB, thumbnail } from "../lib/pixels/thumbnail.ts";
import type { Tile } from "../lib/tiling/tile_plan.ts";
import { answer, jobOf } from "./answer.ts";
import { gpuInput } from "./gpu_input.ts";
import { ofSize, type Pass, passesOf } from "./passes.ts";
import type { BaselineAnswer, Job } from "./protocol.ts";
import { peakMemory, processorTime } from "./usage.ts";

type Feeds = Readonly<Record<string, OnnxTensor>>;

/** A network and its inputs for each tile. */
interface Work {
  readonly session: OnnxSession;
  readonly feeds: readonly (() => Feeds)[];
}

const job = jobOf<Job>();
const { device, models, task, threads, precisions } = job;
const limits = { maxPixels: Infinity, maxBytes: Infinity };
const image = await pack(
  (await decode(await Deno.readFile(job.image), limits)).raster,
);

const module = await import(
  DEVICE_TABLE[device].runtime
);
const ort: OnnxRuntime = module.default ?? module;
const gpu = DEVICE_TABLE[device].gpu ? await gpuDevice() : null;
if (!DEVICE_TABLE[device].native) ort.env.wasm.numThreads = 1;

const store = await openStore(models);
const thumb = input(thumbnail(image), [1, 3, THUMB, THUMB]);
const thumbMask = input(half(THUMB * THUMB), [1, 1, THUMB, THUMB]);
const work: Work[] = [];
// A network that runs at several levels is loaded once.
const sessions = new Map<string, Promise<OnnxSession>>();
const halved = precisions.includes("fp16");
for (
  const pass of passesOf(ofSize(store, job.size, halved), task, image, job)
) {
  work.push(await prepare(pass));
}

await measure(1); // warm up
await answer(async (): Promise<BaselineAnswer> => ({
  ...await measure(),
  peak: peakMemory(),
}));

/** Measures all networks, each on its first `most` tiles. */
async function measure(
  most = Infinity,
): Promise<Pick<BaselineAnswer, "ms" | "cpu">> {
  let [ms, cpu] = [0, 0];
  for (const { session, feeds } of work) {
    for (const feed of feeds.slice(0, most)) {
      const fed = feed();
      const [start, used] = [performance.now(), processorTime()];
      const outputs = await session.run(fed);
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

async function prepare(
  { model: { id, graph }, plan, size, count }: Pass,
): Promise<Work> {
  let session = sessions.get(id);
  if (session === undefined) {
    session = load(id, precisions[sessions.size] === "fp16");
    sessions.set(id, session);
  }
  const seen = reduceImage(image, size);
  const tiles = [...plan.lines()].flatMap((line) => line.tiles);
  // Tiles have one shape: on the GPU, use the first for all.
  const onGpu = gpu && feedsOf(seen, graph.inputs, tiles[0]!);
  return {
    session: await session,
    // A mirror image's tiles cost as much as the image's.
    feeds: Array.from(
      { length: count },
      (_, i) => (): Feeds =>
        onGpu ?? feedsOf(seen, graph.inputs, tiles[i % tiles.length]!),
    ),
  };
}

function feedsOf(
  seen: PackedRaster,
  names: readonly string[],
  tile: Tile,
): Feeds {
  const { width, height } = tile;
  const make: Readonly<Record<string, () => OnnxTensor>> = {
    image: () => input(rgbPlanes(seen, tile), [1, 3, height, width]),
    mask: () => input(half(width * height), [1, 1, height, width]),
    thumb: () => thumb,
    thumb_mask: () => thumbMask,
  };
  return Object.fromEntries(names.map((name) => [name, make[name]!()]));
}

function half(length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(length).fill(0.5);
}

function input(data: Float32Array<ArrayBuffer>, dims: number[]): OnnxTensor {
  return gpu === null
    ? new ort.Tensor("float32", data, dims)
    : gpuInput(ort, gpu, data, dims);
}

async function load(id: string, halved: boolean): Promise<OnnxSession> {
  const common = {
    logSeverityLevel: 3,
    graphOptimizationLevel: "all",
  } as const;
  const file = await store.get(id);
  const outside = await externalData(file);
  if (outside !== null) throw new Error(`${id} ${outside}`);
  return await ort.InferenceSession.create(
    halved ? await convertToFp16(file) : file,
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
