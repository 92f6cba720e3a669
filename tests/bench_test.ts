/** The benchmark as a whole: a child process that measures others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../bench/report.ts";
import type { TileSize } from "../lib/tiling/tile_plan.ts";
import { writeFakeModels } from "./fake_models.ts";

const path = (name: string): string =>
  fileURLToPath(new URL(`../${name}`, import.meta.url));

const adapter = await navigator.gpu?.requestAdapter() ?? null;
const required = Deno.env.get("LIMPID_REQUIRE")?.includes("webgpu") ?? false;

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function bench(args: readonly string[]): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      `--config=${path("deno.json")}`,
      "-P=bench",
      path("bench/main.ts"),
      ...args,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Says in the manifest how all of a folder's models are to be cut. */
async function setCut(folder: string, cut: TileSize): Promise<void> {
  const file = join(folder, "manifest.json");
  const manifest = JSON.parse(await Deno.readTextFile(file));
  for (const model of manifest.models) model.cut = cut;
  await Deno.writeTextFile(file, JSON.stringify(manifest));
}

function assertPositive(value: number): void {
  assert.ok(Number.isFinite(value) && value > 0, `${value}`);
}

Deno.test("bench: figures, table and chart of a small image", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeFakeModels(folder);
    await setCut(folder, { tile: 960, halo: 16 });
    const [json, svg] = [join(folder, "b.json"), join(folder, "b.svg")];
    const { code, out, err } = await bench([
      "--device=wasm",
      "--sizes=0.01",
      "--tile=64",
      "--runs=2",
      "--task=haze", // bright: the tests' models take it for damaged
      `--models=${folder}`,
      `--json=${json}`,
      `--chart=${svg}`,
    ]);
    assert.equal(code, 0, err);
    const report: Report = JSON.parse(await Deno.readTextFile(json));
    assert.equal(report.version, 2);
    const { task, runs, tile } = report;
    assert.deepEqual([task, runs, tile], ["haze", 2, 64]);
    assert.ok(report.machine.processor);
    assert.deepEqual(
      report.models.map(({ id }) => id),
      ["fake-mask", "fake-haze"],
    );

    const [cold, ...noCold] = report.cold;
    assert.deepEqual(noCold, []);
    assert.equal(cold!.device, "wasm");
    for (
      const step of [
        "import",
        "runtime",
        "models",
        "firstTile",
        "whole",
      ] as const
    ) {
      assertPositive(cold![step]);
    }

    const [found, ...noMore] = report.measurements;
    assert.deepEqual(noMore, []);
    const { width, height, tiles, times, baselines } = found!;
    assert.deepEqual([width, height], [122, 81]);
    assert.deepEqual(
      [tiles.total, tiles.restored, tiles.width, tiles.height],
      [2, 2, 80, 96],
    );
    // 0.001 each, for 256 x 256 pixels.
    assert.ok(Math.abs(found!.gmacs - 2 * 0.002 * 80 * 96 / 65536) < 1e-9);
    assert.equal(found!.runs, 2);
    for (const part of ["decode", "network", "blend", "encode"] as const) {
      assertPositive(times[part]);
    }
    assert.ok(times.work >= times.network + times.blend - 1);
    assertPositive(found!.glance);
    assertPositive(found!.gmacsPerSecond);
    assert.ok(found!.peak > 20e6, `${found!.peak} bytes`);
    assertPositive(found!.gaps.work);
    for (const name of ["bare", "onnxruntime-node"] as const) {
      const { peak, ...figures } = baselines[name]!;
      assert.deepEqual(
        Object.keys(figures),
        ["ms", "ratio", "cpuRatio", "gmacsPerSecond"],
      );
      for (const value of Object.values(figures)) assertPositive(value);
      assert.ok(peak > 20e6, `${peak} bytes`);
    }
    // These weights are no network of ours, so PyTorch cannot have run.
    assert.equal(baselines.pytorch, undefined);
    assert.match(report.notes.join("\n"), /pytorch/i);

    assert.match(out, /wasm +fp32 +0\.01 .*\n.*\n.*\/ bare/s);
    const drawing = await Deno.readTextFile(svg);
    assert.match(
      drawing,
      /^<svg xmlns.*prefers-color-scheme: dark.*<\/svg>\n$/s,
    );
    assert.match(drawing, /wasm, 0\.01 MP \(122x81\)/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bench: flags that make no sense, and models that are not there", async () => {
  for (
    const args of [
      ["--sizes=0"],
      ["--runs=x"],
      ["--device=tpu"],
      ["--tile=100"],
      ["--batch=1"],
      ["x"],
    ]
  ) {
    const { code, err } = await bench(args);
    assert.equal(code, 2, err);
    assert.match(err, /\[invalid-option\]\n$/);
  }
  const { code, err } = await bench(["--models=/nowhere"]);
  assert.equal(code, 1);
  assert.match(err, /\[model-missing\]\n$/);
});

Deno.test(
  "bench: tiles one by one, in a batch, and as one tile of as many pixels",
  {
    ignore: !adapter && !required,
  },
  async () => {
    const { code, out, err } = await bench([
      ...["--batch=2", "--sizes=0.004", "--runs=1"],
    ]);
    assert.equal(code, 0, err);
    const rows = out.trimEnd().split("\n").slice(2)
      .map((line) => line.split("|").slice(2, 7).map(Number));
    const [alone, batch, joined] = rows as [number[], number[], number[]];
    // Calls, kernels and submissions are halved; memory is that of all tiles.
    assert.ok(alone[1]! === 2 * batch[1]!, out);
    assert.deepEqual(batch.slice(0, 3), joined.slice(0, 3), out);
    assert.ok(alone[3]! < 0.7 * batch[3]!, out);
    assert.ok(Math.abs(batch[3]! / joined[3]! - 1) < 0.1, out);
  },
);
