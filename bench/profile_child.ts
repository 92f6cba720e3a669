/**
 * Runs each network of a task on one tile on a GPU, and counts what it sends to
 * the device.
 */
import { countGpu } from "./gpu_counter.ts";

const look = countGpu();

import { DEVICE_TABLE } from "../lib/devices.ts";
import { channelsOf, givesExtent } from "../lib/models/manifest.ts";
import { openStore } from "../lib/models/store.ts";
import { pack } from "../lib/pixels/planes.ts";
import { openRuntime } from "../lib/runtime/onnx_runtime.ts";
import { jobOf, say } from "./answer.ts";
import { networksOf } from "./passes.ts";
import type { ProfileJob, ProfileRow } from "./protocol.ts";

const { models, task, precision, side, runs } = jobOf<ProfileJob>();
const opened = await openRuntime({
  kind: "open",
  device: "webgpu",
  runtime: DEVICE_TABLE.webgpu.runtime,
  threads: 1,
  software: true,
  precision,
}, () => {});
if ("why" in opened) throw new Error(`${opened.why}; ${opened.remedy}`);
const store = await openStore(models);
const grey = new Uint8Array(4 * side * side).fill(128);
const image = await pack({ width: side, height: side, data: grey });
const cut = { tile: side, halo: 0 };
const at = { line: 0, tile: 0 };
const rows: ProfileRow[] = [];
for (const model of networksOf(store, task)) {
  const { network, arithmetic } = await opened.load(
    model.id,
    await store.get(model.id),
    model.graph,
  );
  const canvas = opened.open(image, model.whole);
  const run = async (): Promise<void> => {
    if (model.kind === "mask") {
      const kept = givesExtent(model) ? [] : [task];
      await canvas.beginMasks(cut, { channels: channelsOf(model), kept });
      if (givesExtent(model)) await canvas.evidenceTile(at, network);
      else await canvas.maskTile(at, network);
      return;
    }
    await canvas.fillMask(task, 1);
    await canvas.mask(task);
    const { threshold, softness } = model;
    const curve = { threshold: threshold!, softness: softness!, strength: 1 };
    await canvas.beginRestore(cut, { task, curve, user: null });
    await canvas.restoreTile(at, network);
  };
  await run(); // compiles its kernels
  look();
  const began = performance.now();
  for (let i = 0; i < runs; i++) await run();
  const counts = look();
  // Wait until the GPU has finished.
  await canvas.composite().catch(() => canvas.mask(task));
  rows.push({
    id: model.id,
    precision: arithmetic.precision,
    ms: (performance.now() - began) / runs,
    kernels: counts.kernels / runs,
    submissions: counts.submissions / runs,
    copies: counts.copies / runs,
    sent: counts.sent / runs,
    fetched: counts.fetched / runs,
  });
  await canvas.close();
}
say({ name: opened.name, rows });
Deno.exit(0);
