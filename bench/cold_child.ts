/**
 * Measures the steps from process start to the first tile, in its own process
 * and without a Worker.
 */
import { jobOf, say } from "./answer.ts";
import type { ColdJob, ColdTimes } from "./protocol.ts";

const begun = Date.now();
const { device, models, precision, size, task, image, threads, spawned } =
  jobOf<
    ColdJob
  >();

/** Imports a module that Deno must not load ahead of time. */
async function load<T>(specifier: string): Promise<T> {
  return await import(specifier) as T;
}

let last = performance.now();
/** Milliseconds since the last call. */
function lap(): number {
  const now = performance.now();
  const ms = now - last;
  last = now;
  return ms;
}

const { DEVICE_TABLE } = await load<
  typeof import("../lib/devices.ts")
>("../lib/devices.ts");
const { openRuntime } = await load<
  typeof import("../lib/runtime/onnx_runtime.ts")
>("../lib/runtime/onnx_runtime.ts");
const { openStore } = await load<
  typeof import("../lib/models/store.ts")
>("../lib/models/store.ts");
const { networksOf, ofSize, passesOf } = await load<
  typeof import("./passes.ts")
>("./passes.ts");
const { channelsOf, givesExtent } = await load<
  typeof import("../lib/models/manifest.ts")
>("../lib/models/manifest.ts");
const { runtime } = DEVICE_TABLE[device];
await load(runtime);
const imported = lap();

if (DEVICE_TABLE[device].gpu) await findAdapter();
const adapter = lap();

const request = {
  kind: "open",
  device,
  runtime,
  threads,
  software: true,
  precision,
} as const;
const opened = await openRuntime(request, () => {});
if ("why" in opened) throw new Error(opened.why);
const started = lap();
const store = await openStore(models);
const sized = ofSize(store, size, opened.half);
const networks = [];
for (const entry of networksOf(sized, task)) {
  const { id } = entry;
  const { network } = await opened.load(id, await store.get(id), entry);
  networks.push(network);
}
const loaded = lap();

const { decode } = await load<
  typeof import("../lib/codecs/decode.ts")
>("../lib/codecs/decode.ts");
const { pack } = await load<typeof import("../lib/pixels/planes.ts")>(
  "../lib/pixels/planes.ts",
);
const limits = { maxPixels: Infinity, maxBytes: Infinity };
const file = await Deno.readFile(image);
const raster = await pack((await decode(file, limits)).raster);
lap();
const passes = passesOf(sized, task, raster);
const { operations } = opened;
const canvas = await operations.open(
  operations.put(raster),
  passes.at(-1)!.model.whole,
);
const at = { line: 0, tile: 0 };
for (const [i, { model, cut }] of passes.entries()) {
  if (givesExtent(model)) {
    await canvas.beginMasks(cut, { channels: channelsOf(model), kept: [] });
    await canvas.evidenceTile(at, networks[i]!);
    await canvas.fillMask(task, 0.5);
  } else if (model.kind === "mask") {
    await canvas.beginMasks(cut, {
      channels: channelsOf(model),
      kept: [task],
    });
    await canvas.maskTile(at, networks[i]!);
  } else {
    await canvas.mask(task);
    const { threshold, softness } = model;
    const curve = { threshold: threshold!, softness: softness!, strength: 1 };
    await canvas.beginRestore(cut, { task, curve, user: null });
    await canvas.restoreTile(at, networks[i]!);
  }
}
await canvas.composite();
const firstTile = lap();

const answer: ColdTimes = {
  process: begun - spawned,
  import: imported,
  adapter,
  runtime: started,
  models: loaded,
  firstTile,
};
say(answer);
Deno.exit(0);

async function findAdapter(): Promise<void> {
  const { requestAdapter } = await load<
    typeof import("../lib/runtime/gpu_adapter.ts")
  >("../lib/runtime/gpu_adapter.ts");
  const found = await requestAdapter(true);
  if ("why" in found) throw new Error(`${found.why}; ${found.remedy}`);
  found.device.destroy();
}
