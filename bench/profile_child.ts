/** Runs each network of a task on one tile on a GPU, and counts what that hands to the device. */
import { countGpu, type GpuCounts } from "./gpu_counter.ts";
import { timeKernels } from "./gpu_timer.ts";

const times = timeKernels();
const look = countGpu();

import { DEVICE_TABLE } from "../lib/devices.ts";
import { channelsOf, givesExtent } from "../lib/models/manifest.ts";
import { openStore } from "../lib/models/store.ts";
import { restoreSettings } from "../lib/options.ts";
import { LoadedModels } from "../lib/pipeline/loaded_models.ts";
import { ModelSelector } from "../lib/pipeline/model_selector.ts";
import { restoreImage } from "../lib/pipeline/restore_image.ts";
import { Stopwatch } from "../lib/pipeline/stopwatch.ts";
import { pack } from "../lib/pixels/planes.ts";
import { openRuntime } from "../lib/runtime/onnx_runtime.ts";
import { jobOf, say } from "./answer.ts";
import { nearBackend } from "./near_backend.ts";
import { networksOf, ofSize } from "./passes.ts";
import type {
  ProfiledNetwork,
  ProfileImage,
  ProfileJob,
  ProfileRow,
} from "./protocol.ts";
import { paint } from "./test_image.ts";

/** By then a shape is recorded, if it ever is. */
const ENOUGH_RUNS = 20;
/** As many images before one is counted. */
const RUNS_BEFORE = 10;

const { models, task, precision, size, side, runs } = jobOf<ProfileJob>();
const opened = await openRuntime({
  kind: "open",
  device: "webgpu",
  runtime: DEVICE_TABLE.webgpu.runtime,
  threads: 1,
  software: true,
  precision,
}, () => {});
if ("why" in opened) throw new Error(`${opened.why}; ${opened.remedy}`);
const { operations } = opened;
const store = await openStore(models);
const grey = new Uint8Array(4 * side * side).fill(128);
const image = await pack({ width: side, height: side, data: grey });
const cut = { tile: side, halo: 0 };
const at = { line: 0, tile: 0 };
const rows: ProfileRow[] = [];
const answers: ProfiledNetwork[] = [];
const each = (counts: GpuCounts): GpuCounts =>
  Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, count / runs]),
  ) as unknown as GpuCounts;
for (const model of networksOf(ofSize(store, size, opened.half), task)) {
  const { network, arithmetic } = await opened.load(
    model.id,
    await store.get(model.id),
    model,
  );
  const canvas = await operations.open(operations.put(image), model.whole);
  const run = async (): Promise<void> => {
    if (model.kind === "mask") {
      const kept = givesExtent(model) ? [] : [task];
      await canvas.beginMasks(cut, { channels: channelsOf(model), kept });
      if (givesExtent(model)) await canvas.evidenceTile(at, network);
      else await canvas.maskTile(at, network);
      await canvas.evidence();
      return;
    }
    await canvas.fillMask(task, 1);
    await canvas.mask(task);
    const { threshold, softness } = model;
    const curve = { threshold: threshold!, softness: softness!, strength: 1 };
    await canvas.beginRestore(cut, { task, curve, user: null });
    await canvas.restoreTile(at, network);
  };
  // What was handed over is waited for.
  const settle = (): Promise<unknown> =>
    canvas.composite().catch(() => canvas.mask(task));
  const measure = async (recorded: boolean): Promise<void> => {
    await settle();
    look();
    const began = performance.now();
    for (let i = 0; i < runs; i++) await run();
    const handed = performance.now() - began;
    const counts = each(look());
    await settle();
    rows.push({
      ...counts,
      id: model.id,
      recorded,
      precision: arithmetic.precision,
      handed: handed / runs,
      ms: (performance.now() - began) / runs,
    });
  };
  await run(); // compiles its kernels
  await settle();
  await times();
  await run();
  await settle();
  const kernels = await times();
  await measure(false);
  for (let i = 0; network.recorded === 0 && i < ENOUGH_RUNS; i++) await run();
  if (network.recorded > 0) await measure(true);
  answers.push({ id: model.id, unrecorded: network.unrecorded, kernels });
  await canvas.close();
}

// All that restore() hands over for an image, codecs aside.
const loaded = new LoadedModels(
  nearBackend(opened),
  new ModelSelector(store, size),
);
const whole = await pack(paint(2 * side, side, task));
const restore = async (): Promise<void> => {
  const settings = restoreSettings({ task });
  await restoreImage(loaded, whole, settings, new Stopwatch(), true);
};
for (let i = 0; i < RUNS_BEFORE; i++) await restore();
look();
const began = performance.now();
for (let i = 0; i < runs; i++) await restore();
const ms = (performance.now() - began) / runs;
const all: ProfileImage = {
  ...each(look()),
  width: whole.width,
  height: whole.height,
  ms,
};
say({ name: opened.name, rows, networks: answers, image: all });
Deno.exit(0);
