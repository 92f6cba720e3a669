/** Measures the steps from nothing to the first tile, in a process of its own, without a Worker around them. */
import { jobOf, say } from "./answer.ts";
import type { ColdJob, ColdTimes } from "./protocol.ts";

const begun = Date.now();
const { device, models, precision, task, picture, threads, spawned } = jobOf<
  ColdJob
>();

/** Imports that are not to be looked ahead for. */
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

const { openRuntime } = await load<
  typeof import("../lib/backend/runtime.ts")
>("../lib/backend/runtime.ts");
const { ONNXRUNTIME_NODE, ONNXRUNTIME_WEB } = await load<
  typeof import("../deps.ts")
>("../deps.ts");
const { openStore } = await load<
  typeof import("../lib/models/store.ts")
>("../lib/models/store.ts");
const runtime = device === "cpu" ? ONNXRUNTIME_NODE : ONNXRUNTIME_WEB;
await load(runtime);
const imported = lap();

if (device === "webgpu") await findAdapter();
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
const store = await openStore(models);
const [mask, restore] = [
  store.find({ kind: "mask" }),
  store.find({ kind: "restore", task }),
];
const loaded = [];
for (const { id, graph } of [mask, restore]) {
  const { network } = await opened.load(id, await store.get(id), graph);
  loaded.push(network);
}
const session = lap();

const { decode } = await load<
  typeof import("../lib/image/decode.ts")
>("../lib/image/decode.ts");
const { pack } = await load<typeof import("../lib/planar.ts")>(
  "../lib/planar.ts",
);
const limits = { maxPixels: Infinity, maxBytes: Infinity };
const file = await Deno.readFile(picture);
const raster = await pack((await decode(file, limits)).raster);
lap();
const canvas = opened.open(raster);
const { cutOf } = await load<
  typeof import("../lib/cut_of.ts")
>("../lib/cut_of.ts");
const at = { line: 0, tile: 0 };
await canvas.beginMasks(cutOf(mask), [task]);
await canvas.maskTile(at, loaded[0]!);
await canvas.mask(task);
const { threshold, softness } = restore;
const ramp = { threshold: threshold!, softness: softness!, strength: 1 };
await canvas.beginRestore(cutOf(restore), { task, ramp, user: null });
await canvas.restoreTile(at, loaded[1]!);
await canvas.composite();
const firstTile = lap();

const answer: ColdTimes = {
  process: begun - spawned,
  import: imported,
  adapter,
  session,
  firstTile,
};
say(answer);
Deno.exit(0);

async function findAdapter(): Promise<void> {
  const { requestAdapter } = await load<
    typeof import("../lib/backend/adapter.ts")
  >("../lib/backend/adapter.ts");
  const found = await requestAdapter(true);
  if ("why" in found) throw new Error(`${found.why}; ${found.remedy}`);
  found.device.destroy();
}
