/** Runs the benchmark over devices and sizes. */
import { DEVICE_TABLE } from "../lib/devices.ts";
import { writeText } from "../lib/flags/terminal.ts";
import { openStore } from "../lib/models/store.ts";
import type { Device } from "../lib/types.ts";
import { Child, ChildFailed } from "./child.ts";
import { coldStart } from "./cold_start.ts";
import { machine } from "./machine.ts";
import { measure } from "./measure.ts";
import { networksOf, ofSize, passesOf } from "./passes.ts";
import { sizeOf } from "./test_image.ts";
import type { AdapterAnswer, Networks } from "./protocol.ts";
import type { Baseline, ColdStart, Measurement, Report } from "./report.ts";
import { pythonWith } from "./torch.ts";
import { Workspace } from "./workspace.ts";

/** Megapixels that are measured by default. */
export const SIZES: readonly number[] = [0.26, 2, 12, 24];
/** Sizes for a software renderer: larger ones would take hours. */
const SOFTWARE_SIZES = [0.03];

/** What to measure. */
export interface Plan extends Networks {
  readonly devices: readonly Device[];
  /** Megapixels; `null` for {@linkcode SIZES}, fewer on slow devices. */
  readonly sizes: readonly number[] | null;
  /** Whether to measure only the first of those sizes. */
  readonly quick: boolean;
  readonly runs: number;
  readonly baselines: readonly Baseline[];
  /** Of `restore()`; `null`: each model's own. */
  readonly tile: number | null;
}

/** Measures everything, one after the other. */
export async function run(plan: Plan): Promise<Report> {
  const { devices, task, runs, tile, baselines, models, precision, size } =
    plan;
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const cold: ColdStart[] = [];
  const measurements: Measurement[] = [];
  const store = await openStore(models);
  const sized = ofSize(store, size, false);
  const networks = networksOf(sized, task);
  await using workspace = await Workspace.create();

  const wanted = baselines.includes("pytorch");
  const python = wanted ? await pythonWith("torch, onnx") : null;
  if (wanted && python === null) {
    note("PyTorch: no python3 here has torch and onnx.");
  }
  const torch = python === null ? null : {
    python,
    networks: new Map(
      await Promise.all(
        networks.map(async ({ id }) =>
          [
            id,
            await workspace.write(`${id}.onnx`, await store.get(id)),
          ] as const
        ),
      ),
    ),
  };

  for (const device of devices) {
    const threads = navigator.hardwareConcurrency;
    const common = { device, models, precision, size, task, threads };
    try {
      const software = DEVICE_TABLE[device].gpu && await isSoftware(plan, note);
      tell(`${device}: cold start`);
      const side = software ? 128 : 512;
      const image = await workspace.draw(side, side, task);
      const times = Math.min(runs, 3);
      cold.push(await coldStart({ ...common, image }, times));
      for (const megapixels of sizesFor(plan, software)) {
        const { width, height } = sizeOf(megapixels);
        tell(`${device}: ${width}x${height}`);
        const passes = passesOf(sized, task, { width, height }, { tile });
        const { x, y } = passes.at(-1)!.plan;
        const sound = await workspace.draw(width, height, "clean");
        const job = {
          ...common,
          tile,
          image: await workspace.draw(width, height, task),
          warmUp: await workspace.draw(x.side, y.side, task),
        };
        measurements.push(
          await measure(
            { job, sound, store, width, height, runs, baselines, torch, note },
          ),
        );
      }
    } catch (error) {
      if (!(error instanceof ChildFailed)) throw error;
      note(`${device} was given up: ${error.message}`);
    }
  }
  return {
    version: 2,
    machine: machine(),
    task,
    runs,
    tile,
    models: networks.map(({ id, sha256 }) => ({ id, sha256 })),
    cold,
    measurements,
    notes: [...new Set(notes)],
  };
}

/** Whether WebGPU is a software renderer; notes that, if so. */
async function isSoftware(
  { sizes }: Plan,
  note: (text: string) => void,
): Promise<boolean> {
  await using child = Child.onDevice("adapter_child.ts", "webgpu", null);
  const { name, software } = await child.hear<AdapterAnswer>();
  if (software) {
    note(
      `webgpu is ${name}, a software renderer: its figures say nothing of a GPU, and it starts with a tile of 128x128${
        sizes === null
          ? `; its image is small, ${SOFTWARE_SIZES.join(", ")} MP`
          : ""
      }.`,
    );
  }
  return software;
}

function sizesFor(
  { sizes, quick }: Plan,
  software: boolean,
): readonly number[] {
  if (sizes !== null) return sizes;
  return (software ? SOFTWARE_SIZES : SIZES).slice(0, quick ? 1 : Infinity);
}

/** Reports the progress of the benchmark. */
function tell(what: string): void {
  writeText(Deno.stderr, `${what}\n`);
}
