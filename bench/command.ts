/** `deno task bench` */
import { fileURLToPath } from "node:url";
import {
  choice,
  type Flag,
  given,
  numberBy,
  onOff,
  text,
} from "../lib/flags/parse_flags.ts";
import { type Command, command } from "../lib/flags/command.ts";
import { RESTORE_FLAGS } from "../lib/cli/shared_flags.ts";
import { writeText } from "../lib/flags/terminal.ts";
import { writeFile } from "../lib/cli/write_file.ts";
import { numberFrom } from "../lib/rules.ts";
import { LimpidError } from "../lib/errors.ts";
import { restoreSettings } from "../lib/options.ts";
import { SIZES as MODEL_SIZES } from "../lib/models/manifest.ts";
import { BUILT_IN } from "../lib/models/location.ts";
import { DEVICES, PRECISIONS, TASKS } from "../lib/types.ts";
import { batch } from "./batch.ts";
import { chart } from "./chart.ts";
import { profile } from "./profile.ts";
import { BASELINES } from "./report.ts";
import { run, SIZES } from "./run.ts";
import { tables } from "./table.ts";
import { throughput } from "./throughput.ts";

/** Parses values separated by commas. */
function list<T>(one: Flag<T>["parse"]): Flag<readonly T[]>["parse"] {
  return (value, label) => value.split(",").map((v) => one(v.trim(), label));
}

/** Side in pixels of a tile of so many millions of pixels. */
function sideOf(megapixels: number): number {
  return Math.max(64, Math.round(Math.sqrt(megapixels * 1e6) / 16) * 16);
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
    parse: list(numberBy(numberFrom(0.001, 50))),
  },
  task: {
    help: `what the images suffer from: ${TASKS.join(", ")}; default rain`,
    value: "TASK",
    parse: choice(TASKS),
  },
  precision: {
    help: "auto (default), fp32 or fp16, of the bare sessions too",
    value: "P",
    parse: choice(["auto", ...PRECISIONS]),
  },
  "model-size": {
    help: "small (default) or large, of the restorers",
    value: "SIZE",
    parse: choice(MODEL_SIZES),
  },
  tile: RESTORE_FLAGS.tile,
  runs: {
    help:
      "how often each is measured, 1 to 99, but for two minutes at most; default 5",
    value: "N",
    parse: numberBy(numberFrom(1, 99)),
  },
  quick: {
    help: "the smallest size, one run, unless others are given",
    parse: onOff,
  },
  profile: {
    help:
      "only say what a run of each network hands to the GPU: kernels, submissions, copies; --sizes is that of the tile",
    parse: onOff,
  },
  batch: {
    help:
      "only compare this many tiles, 2 to 16, one by one, in one run and as one larger tile on the GPU; --sizes is that of a tile",
    value: "N",
    parse: numberBy(numberFrom(2, 16)),
  },
  throughput: {
    help:
      "only count the images of 2 megapixels that are restored in a second, codecs included, one at a time and two at once",
    parse: onOff,
  },
  baselines: {
    help: `what to compare with: ${BASELINES.join(", ")}; default: all`,
    value: "B,B",
    parse: list(choice(BASELINES)),
  },
  models: {
    help: "folder that holds manifest.json; default: the models of this module",
    value: "FOLDER",
    parse: text,
  },
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
    "Measures restore() on made-up images, turn by turn with the bare runtimes and PyTorch on the same tiles.",
  usage: "[flags]",
  flags: FLAGS,
  async action({ values, positionals }): Promise<number> {
    if (positionals.length > 0) {
      throw new LimpidError(
        "invalid-option",
        `bench takes flags only, not "${positionals.join(" ")}".`,
      );
    }
    const { quick = false, runs = quick ? 1 : 5 } = values;
    const common = {
      models: values.models ?? fileURLToPath(BUILT_IN),
      task: values.task ?? "rain",
      precision: values.precision ?? "auto",
      size: values["model-size"] ?? "small",
      runs: Math.round(runs),
    } as const;
    const [megapixels] = values.sizes ?? [];
    const side = sideOf(megapixels ?? 0.065);
    if (values.profile) {
      writeText(Deno.stdout, await profile({ ...common, side }));
      return 0;
    }
    if (values.batch !== undefined) {
      const tiles = Math.round(values.batch);
      writeText(Deno.stdout, await batch({ ...common, side, tiles }));
      return 0;
    }
    if (values.throughput) {
      writeText(
        Deno.stdout,
        await throughput({
          ...common,
          devices: values.device ?? DEVICES,
          megapixels: megapixels ?? 2,
        }),
      );
      return 0;
    }
    const report = await run({
      ...common,
      devices: values.device ?? DEVICES,
      sizes: values.sizes ?? null,
      quick,
      tile: restoreSettings(given({ tile: values.tile })).tile,
      baselines: values.baselines ?? BASELINES,
    });
    writeText(Deno.stdout, tables(report));
    const files = [
      [values.json, JSON.stringify(report, null, 2) + "\n"],
      [values.chart, chart(report)],
    ] as const;
    for (const [file, content] of files) {
      if (file !== undefined) {
        await writeFile(file, new TextEncoder().encode(content));
      }
    }
    return report.measurements.length > 0 ? 0 : 1;
  },
});
