/** `deno task bench` */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { choice, type Flag, onOff, text } from "../lib/cli/args.ts";
import { type Command, command } from "../lib/cli/command.ts";
import { MEANS } from "../lib/cli/flags.ts";
import { writeText } from "../lib/cli/terminal.ts";
import { LimpidError } from "../lib/errors.ts";
import { BUILT_IN, openStore } from "../lib/models/store.ts";
import { type Device, DEVICES, type Task, TASKS } from "../lib/types.ts";
import { planOf } from "./arithmetic.ts";
import { chart } from "./chart.ts";
import { Child, ChildFailed } from "./child.ts";
import { type Cold, coldStart } from "./cold_start.ts";
import { machine } from "./machine.ts";
import { type Case, measure } from "./measure.ts";
import { sizeOf } from "./picture.ts";
import type { DrawJob } from "./protocol.ts";
import {
  type Baseline,
  BASELINES,
  type ColdStart,
  type Measurement,
  type Report,
} from "./report.ts";
import { tables } from "./table.ts";
import { pythonWithTorch } from "./torch.ts";

/** Millions of pixels that are measured by default. */
const SIZES = [0.26, 2, 24];
/** Where the GPU is a program on the processor: the larger ones would take hours. */
const SOFTWARE_SIZES = [0.03];

/** A list of values with commas between them. */
function list<T>(one: Flag<T>["parse"]): Flag<readonly T[]>["parse"] {
  return (value, label) => value.split(",").map((v) => one(v.trim(), label));
}

function within(least: number, most: number): Flag<number>["parse"] {
  return (value, label) => {
    const parsed = value === "" ? NaN : Number(value);
    if (parsed >= least && parsed <= most) return parsed;
    throw new LimpidError(
      "invalid-option",
      `${label} must be from ${least} to ${most}, not "${value}".`,
    );
  };
}

const FLAGS = {
  device: {
    help: "one or several of webgpu, cpu, wasm; default: all",
    value: "D,D",
    parse: list(choice(DEVICES)),
  },
  sizes: {
    help: `millions of pixels, 0.001 to 50; default ${SIZES.join(",")}`,
    value: "MP,MP",
    parse: list(within(0.001, 50)),
  },
  task: {
    help: `what the pictures suffer from: ${TASKS.join(", ")}; default rain`,
    value: "TASK",
    parse: choice(TASKS),
  },
  runs: {
    help: "how often each is measured, 1 to 99; default 5",
    value: "N",
    parse: within(1, 99),
  },
  quick: {
    help: "the smallest size, one run",
    parse: onOff,
  },
  baselines: {
    help: `what to compare with: ${BASELINES.join(", ")}; default: all`,
    value: "B,B",
    parse: list(choice(BASELINES)),
  },
  models: MEANS.models,
  json: {
    help: "write the figures",
    value: "FILE",
    parse: text,
  },
  chart: {
    help: "write a chart, SVG",
    value: "FILE",
    parse: text,
  },
} as const;

/** Measures and reports. */
export const bench: Command = command({
  name: "bench",
  summary:
    "Measures restore() on made-up pictures, turn by turn with the bare runtimes and PyTorch on the same tiles.",
  usage: "[flags]",
  flags: FLAGS,
  async action({ values, positionals }): Promise<number> {
    if (positionals.length > 0) {
      throw new LimpidError(
        "invalid-option",
        `bench takes flags only, not "${positionals.join(" ")}".`,
      );
    }
    const { quick = false, runs = quick ? 1 : 5, sizes = null } = values;
    const report = await run({
      devices: values.device ?? DEVICES,
      sizes: sizes ?? (quick ? SIZES.slice(0, 1) : null),
      task: values.task ?? "rain",
      runs: Math.round(runs),
      baselines: values.baselines ?? BASELINES,
      models: values.models ?? fileURLToPath(BUILT_IN),
    });
    writeText(Deno.stdout, tables(report));
    const files = [
      [values.json, JSON.stringify(report, null, 2) + "\n"],
      [values.chart, chart(report)],
    ] as const;
    for (const [file, content] of files) {
      if (file !== undefined) await Deno.writeTextFile(file, content);
    }
    return report.measurements.length > 0 ? 0 : 1;
  },
});

/** What is measured. */
interface Plan {
  readonly devices: readonly Device[];
  /** `null`: the device decides. */
  readonly sizes: readonly number[] | null;
  readonly task: Task;
  readonly runs: number;
  readonly baselines: readonly Baseline[];
  readonly models: string;
}

async function run(
  { devices, sizes, task, runs, baselines, models }: Plan,
): Promise<Report> {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const cold: ColdStart[] = [];
  const measurements: Measurement[] = [];
  const store = await openStore(models);
  const used = [
    store.find({ kind: "mask" }),
    store.find({ kind: "restore", task }),
  ] as const;
  const threads = navigator.hardwareConcurrency;
  const folder = await Deno.makeTempDir({ prefix: "limpid-bench-" });
  try {
    const write = async (
      name: string,
      bytes: Uint8Array<ArrayBuffer>,
    ): Promise<string> => {
      const file = join(folder, name);
      await Deno.writeFile(file, bytes);
      return file;
    };
    const draw = async (width: number, height: number): Promise<string> => {
      const file = join(folder, `${width}x${height}.jpg`);
      await using child = Child.deno(
        "draw_child.ts",
        ["--allow-read", `--allow-write=${folder}`],
        { file, width, height, task } satisfies DrawJob,
      );
      await child.hear();
      await child.ask();
      return file;
    };
    const wanted = baselines.includes("pytorch");
    const python = wanted ? await pythonWithTorch() : null;
    if (wanted && python === null) {
      note("PyTorch: no python3 here has torch and onnx.");
    }
    const torch = python === null ? null : {
      python,
      mask: await write("mask.onnx", await store.get(used[0].id)),
      restore: await write("restore.onnx", await store.get(used[1].id)),
    };
    const oneTile = await draw(512, 512);
    const smallTile = await draw(128, 128);

    for (const device of devices) {
      const common = { device, models, task, threads };
      let started: Cold;
      try {
        tell(`${device}: cold start`);
        // Each tile counts there: first a look at what device it is.
        const small = device === "webgpu" && sizes === null;
        started = await coldStart(
          { ...common, picture: small ? smallTile : oneTile },
          Math.min(runs, 3),
        );
      } catch (error) {
        if (!(error instanceof ChildFailed)) throw error;
        note(`${device} is not to be had: ${error.message}`);
        continue;
      }
      const { software, ...start } = started;
      cold.push(start);
      if (software) {
        note(
          `webgpu is ${start.name}, a software renderer: it computes on the processor and says nothing of a GPU.` +
            (sizes === null
              ? ` Its picture is small, ${SOFTWARE_SIZES.join(", ")} MP.`
              : ""),
        );
      }
      for (
        const size of sizes ?? (software ? SOFTWARE_SIZES : SIZES)
      ) {
        const { width, height } = sizeOf(size);
        tell(`${device}: ${width}x${height}`);
        const { x, y } = planOf(width, height);
        const setting: Case = {
          job: {
            ...common,
            picture: await draw(width, height),
            warmUp: await draw(x.side, y.side),
          },
          store,
          width,
          height,
          runs,
          baselines,
          torch,
          note,
        };
        try {
          measurements.push(await measure(setting));
        } catch (error) {
          if (!(error instanceof ChildFailed)) throw error;
          note(`${device} fails at ${width}x${height}: ${error.message}`);
        }
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return {
    version: 1,
    machine: machine(),
    task,
    runs,
    models: used.map(({ id, sha256 }) => ({ id, sha256 })),
    cold,
    measurements,
    notes: [...new Set(notes)],
  };
}

/** What is going on, for those who wait. */
function tell(what: string): void {
  writeText(Deno.stderr, `${what}\n`);
}
