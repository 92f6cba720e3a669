import { join } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { photograph } from "../tests/photographs.ts";
import { WrongNumbers } from "./runtime/self_check.ts";
import type { Backend, Session, Tensor } from "./runtime/backend.ts";
import type { Canvas } from "./runtime/canvas/canvas.ts";
import type { ImageOperations } from "./runtime/canvas/image_operations.ts";
import type { Network } from "./runtime/onnx_network.ts";
import type { PackedRaster } from "./pixels/planes.ts";
import type { Refined } from "./pixels/refine.ts";
import { ArrayCanvas } from "./runtime/canvas/array_canvas.ts";
import { openDownscaled } from "./runtime/canvas/downscaled_canvas.ts";
import { ARRAY_OPERATIONS } from "./runtime/canvas/array_operations.ts";
import { nearImages } from "./runtime/near_images.ts";
import type { OpenBackend } from "./pipeline/recovering_backend.ts";
import { LimpidError } from "./errors.ts";
import { deflateSync } from "node:zlib";
import { concat, latin1 } from "./codecs/bytes.ts";
import { encode } from "./codecs/encode.ts";
import { decode } from "./codecs/decode.ts";
import { deepTiff } from "./codecs/test_deep_tiff.ts";
import { iccProfile, infoOf, LIMITS, pngFile } from "./codecs/test_images.ts";
import type { ModelEntry } from "./models/manifest.ts";
import type { Transfer } from "./models/single_flight.ts";
import type { ModelQuery, Store } from "./models/store.ts";
import { createRestorer, LimpidRestorer } from "./restorer.ts";
import type { TileSize } from "./tiling/tile_plan.ts";
import {
  type Input,
  type Progress,
  type Raster,
  type RestoreOptions,
  type Task,
  TASKS,
} from "./types.ts";

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * Networks of simple arithmetic. The mask is 1 where red is above 200, in all
 * four channels, and the evidence is for `verdict`; the restorer is `restore`,
 * by default an inversion.
 */
class FakeBackend implements Backend {
  readonly device = "cpu";
  readonly reason = "Running on arithmetic, as the test wants it.";
  readonly runs: string[] = [];
  readonly loads: string[] = [];
  verdict: readonly Task[] = ["rain"];
  /** For each damage of `verdict`. */
  evidence = 3;
  restore: (value: number, i: number, all: Float32Array) => number = (value) =>
    1 - value;
  maskOf: (red: number, task: Task) => number = (red) =>
    red > 200.5 / 255 ? 1 : 0;
  /** Blur extent that the network without a mask returns, 0..1. */
  extent = 0.4;
  /** Whether restorers return a correction, half of the difference to white. */
  corrects = false;
  /** The network that cannot be recorded. */
  plain: string | null = null;
  /** Called before each run. */
  before: ((id: string, feeds: Feeds) => void) | null = null;
  readonly software = false;
  half = false;
  broken: "lost" | "wrong" | null = null;
  closed = false;

  /** The images on it that nobody has freed. */
  readonly live = new Set<PackedRaster>();
  /** The canvases that nobody has closed. */
  readonly canvases = new Set<unknown>();
  readonly #images = nearImages(
    watched(this.live, this.canvases),
    (session) => session,
  );
  readonly put = this.#images.put;
  readonly open = this.#images.open;
  readonly reduce = this.#images.reduce;
  readonly sample = this.#images.sample;
  readonly refine = this.#images.refine;

  async load(id: string): Promise<Session> {
    this.loads.push(id);
    // Time for others to ask for the same.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return {
      id,
      precision: "fp32",
      precisionReason: "Numbers are numbers.",
      unrecorded: id === this.plain ? "Its Resize is on the processor." : null,
      run: async (feeds): Promise<Record<string, Tensor>> => {
        this.runs.push(id);
        await Promise.resolve();
        this.before?.(id, feeds);
        if (id.includes("extent")) return this.#extent(feeds);
        if (id.includes("mask")) return this.#mask(feeds);
        return this.corrects ? this.#correct(feeds) : this.#restore(feeds);
      },
    };
  }

  #mask({ image, thumb }: Feeds): Record<string, Tensor> {
    assert.deepEqual(thumb!.dims, [1, 3, 128, 128]);
    const [, , h, w] = image!.dims as [number, number, number, number];
    assert.ok(h % 16 === 0 && w % 16 === 0 && h >= 64 && w >= 64);
    const red = image!.data.subarray(0, h * w);
    const mask = new Float32Array(4 * h * w);
    for (const [c, task] of TASKS.entries()) {
      mask.set(red.map((value) => this.maskOf(value, task)), c * h * w);
    }
    const cells = h * w / 256;
    const evidence = new Float32Array(4 * cells).fill(-3);
    for (const [c, task] of TASKS.entries()) {
      if (!this.verdict.includes(task)) continue;
      evidence.fill(this.evidence, c * cells, (c + 1) * cells);
    }
    const coarse = [1, 4, h / 16, w / 16];
    return {
      mask: { data: mask, dims: [1, 4, h, w] },
      evidence: { data: evidence, dims: coarse },
      attention: { data: new Float32Array(4 * cells), dims: coarse },
    };
  }

  /** Evidence for `extent`; that of the other classes is ignored. */
  #extent({ image, ...others }: Feeds): Record<string, Tensor> {
    assert.deepEqual(others, {});
    const [, , h, w] = image!.dims as [number, number, number, number];
    const cells = h * w / 256;
    const evidence = new Float32Array(4 * cells).fill(1e3);
    const attention = new Float32Array(4 * cells);
    const blur = TASKS.indexOf("blur") * cells;
    evidence.fill(
      Math.log(this.extent / (1 - this.extent)),
      blur,
      blur + cells,
    );
    const dims = [1, 4, h / 16, w / 16];
    return {
      evidence: { data: evidence, dims },
      attention: { data: attention, dims },
    };
  }

  #restore({ image, mask, thumb, thumb_mask }: Feeds): Record<string, Tensor> {
    const [, , h, w] = image!.dims as [number, number, number, number];
    assert.deepEqual(mask!.dims, [1, 1, h, w]);
    assert.deepEqual(thumb!.dims, [1, 3, 128, 128]);
    assert.deepEqual(thumb_mask!.dims, [1, 1, 128, 128]);
    const data = image!.data.map(this.restore);
    return { restored: { data, dims: [1, 3, h, w] } };
  }

  #correct({ image, mask }: Feeds): Record<string, Tensor> {
    const [, , h, w] = image!.dims as [number, number, number, number];
    assert.deepEqual(mask!.dims, [1, 1, h, w]);
    const size = h * w / 16;
    const data = new Float32Array(4 * size).fill(-0.5, 3 * size);
    return { correction: { data, dims: [1, 4, h / 4, w / 4] } };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

function entry(id: string, task: Task | null): ModelEntry {
  return {
    id,
    task,
    kind: task === null ? "mask" : "restore",
    size: "small",
    file: `${id}.onnx`,
    bytes: 1,
    sha256: `sha256 of ${id}`,
    graph: { thumb: 128, inputs: [], outputs: ["mask"] },
    threshold: task === null ? null : 0.05,
    softness: task === null ? null : 0.2,
    gmacs: 1,
    figures: {},
    licence: "MIT",
    provenance: "test",
  };
}

/** Operations on arrays that keep account of the images. */
function watched(
  live: Set<PackedRaster>,
  canvases: Set<unknown>,
): ImageOperations<Network, PackedRaster> {
  const made = (image: PackedRaster): PackedRaster => {
    // Each its own, as on a GPU.
    assert.ok(!live.has(image));
    live.add(image);
    return image;
  };
  const on = ARRAY_OPERATIONS;
  const operations: ImageOperations<Network, PackedRaster> = {
    ...on,
    put: (raster) => made({ ...raster }),
    free: (image) => {
      assert.ok(live.delete(image));
    },
    async open(image, maxSide): Promise<Canvas<Network, PackedRaster>> {
      assert.ok(live.has(image));
      const canvas = maxSide === undefined
        ? await on.open(image)
        : await openDownscaled(
          operations,
          image,
          maxSide,
          (seen) => new ArrayCanvas(seen),
        );
      canvases.add(canvas);
      const close = canvas.close.bind(canvas);
      canvas.close = () => {
        canvases.delete(canvas);
        return close();
      };
      const composite = canvas.composite.bind(canvas);
      canvas.composite = async () => made(await composite());
      return canvas;
    },
    reduce: async (image, size) => made(await on.reduce(image, size)),
    sample: async (image) => made(await on.sample(image)),
    async refine(refinement): Promise<Refined<PackedRaster>> {
      const { image, mask } = await on.refine(refinement);
      return { image: made(image), mask };
    },
  };
  return operations;
}

class FakeStore implements Store {
  readonly location = "test";
  readonly models = [entry("mask", null), ...TASKS.map((t) => entry(t, t))];
  broken = false;
  closed = false;
  readonly calls: string[] = [];

  readonly cuts: Record<string, TileSize> = {};

  /**
   * Lets haze's networks see the whole image in 64 pixels, with a mask network
   * of its own.
   */
  seeHazeWhole(): void {
    const own = { ...entry("haze mask", "haze"), kind: "mask" } as const;
    for (const model of this.models.splice(0)) {
      this.models.push(model.id === "haze" ? { ...model, whole: 64 } : model);
    }
    this.models.push({ ...own, whole: 64 });
  }

  /** Gives blur a mask network of its own that returns one number. */
  tellExtentOfBlur(): void {
    const { graph, ...own } = entry("blur extent", "blur");
    const outputs = ["evidence", "attention"];
    this.models.push({ ...own, kind: "mask", graph: { ...graph, outputs } });
    this.cuts["blur extent"] = { tile: 64, halo: 0 };
  }

  find({ kind, task, size }: ModelQuery): ModelEntry {
    const found = this.models.find((model) =>
      model.kind === kind && model.task === (task ?? null) &&
      (size === undefined || model.size === size)
    )!;
    const cut = this.cuts[found.id];
    return cut === undefined ? found : { ...found, cut };
  }

  get(id: string): Promise<Uint8Array<ArrayBuffer>> {
    this.calls.push(`get ${id}`);
    return this.broken
      ? Promise.reject(new Error("no network"))
      : Promise.resolve(new Uint8Array(1));
  }

  pull(id: string, _?: Transfer): Promise<void> {
    this.calls.push(`pull ${id}`);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.closed = true;
  }
}

function makeRestorer(
  backend = new FakeBackend(),
  open: OpenBackend = () => Promise.reject(new Error("no other device")),
): {
  restorer: LimpidRestorer;
  backend: FakeBackend;
  store: FakeStore;
} {
  const store = new FakeStore();
  const limits = { maxPixels: 1e7, maxBytes: 1e7 };
  const restorer = new LimpidRestorer(backend, store, limits, open);
  return { restorer, backend, store };
}

/**
 * Clean grey with a damaged rectangle.
 *
 * @param noise Of green; without it the image is a drawing.
 */
function spot(
  width: number,
  height: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
  noise = 40,
): Raster {
  const data = new Uint8Array(4 * width * height).fill(100);
  for (let i = 1; i < width * height; i += 2) data[4 * i + 1] = 100 + noise;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) data[4 * (y * width + x)] = 250;
  }
  return { width, height, data };
}

Deno.test("damaged pixels are restored, all others and alpha stay byte for byte", async () => {
  const { restorer } = makeRestorer();
  const input = photograph(150, 90);
  const { pixels, identicalPixels, coverage, severity, task, mask } =
    await restorer.restore(input, { tile: 64, halo: 16 });
  assert.equal(task, "rain");
  let changed = 0, covered = 0;
  for (let i = 0; i < input.data.length; i += 4) {
    const before = [...input.data.subarray(i, i + 4)];
    const damaged = before[0]! > 200;
    const after = damaged
      ? [...before.slice(0, 3).map((v) => 255 - v), before[3]]
      : before;
    assert.deepEqual([...pixels.data.subarray(i, i + 4)], after, `at ${i}`);
    assert.equal(mask.data[i / 4], damaged ? 255 : 0);
    covered += Number(damaged);
    changed += Number(after.join() !== before.join());
  }
  assert.ok(covered > 1000);
  assert.equal(coverage, covered / (150 * 90));
  assert.equal(severity, 1);
  assert.ok(Math.abs(identicalPixels - (1 - changed / (150 * 90))) < 1e-9);
});

Deno.test("hidden pixels keep their bytes, are no damage, and decide nothing", async () => {
  const { restorer } = makeRestorer();
  const input = photograph(150, 90);
  // Damaged colours, under nothing.
  for (let i = 0; i < 150 * 30; i++) input.data.set([250, 9, 9, 0], 4 * i);
  const { pixels, mask, coverage } = await restorer.restore(input, {
    task: "rain",
  });
  assert.deepEqual(
    pixels.data.subarray(0, 4 * 150 * 30),
    new Uint8ClampedArray(input.data.subarray(0, 4 * 150 * 30)),
  );
  assert.ok(mask.data.subarray(0, 150 * 30).every((value) => value === 0));
  assert.ok(coverage > 0 && coverage < 2 / 3);
  for (let at = 0; at < input.data.length; at += 4) {
    input.data.set([250, 9, 9, 0], at);
  }
  const all = await restorer.restore(input, { task: "rain" });
  assert.deepEqual(all.pixels.data, new Uint8ClampedArray(input.data));
  assert.deepEqual([all.coverage, all.identicalPixels], [0, 1]);
});

Deno.test("a restorer that changes nothing gives the same bytes, with any tiles", async () => {
  const { restorer, backend } = makeRestorer();
  backend.restore = (value) => value;
  backend.maskOf = (red) => red;
  for (
    const [width, height, tile, halo] of [
      [1, 1, 512, 64],
      [1, 300, 64, 16],
      [300, 1, 64, 32],
      [63, 65, 64, 0],
      [200, 333, 96, 48],
      [777, 130, 128, 64],
      [200, 333, 64, 128],
    ] as const
  ) {
    const input = photograph(width, height);
    const task = "rain";
    const result = await restorer.restore(input, { task, tile, halo });
    assert.deepEqual([...result.pixels.data], [...input.data]);
    assert.equal(result.identicalPixels, 1);
    assert.equal(result.tiles.restored, result.tiles.total);
  }
});

Deno.test("tiled and untiled agree where networks look at one pixel", async () => {
  const { restorer, backend } = makeRestorer();
  backend.maskOf = (red) => red;
  backend.restore = (value) => value ** 2;
  const input = photograph(500, 310);
  const whole = await restorer.restore(input, { tile: 512 });
  assert.equal(whole.tiles.total, 1);
  for (const [tile, halo] of [[64, 0], [128, 64], [256, 32]] as const) {
    const tiled = await restorer.restore(input, { tile, halo });
    assert.ok(tiled.tiles.total > 1);
    assert.deepEqual(tiled.mask, whole.mask);
    // Where a value lies between two bytes, the weights' rounding decides.
    const differences = whole.pixels.data.map((value, i) =>
      Math.abs(value - tiled.pixels.data[i]!)
    );
    assert.ok(Math.max(...new Set(differences)) <= 1);
    assert.ok(differences.filter((d) => d > 0).length < 500 * 310 / 1000);
    for (const name of TASKS) {
      const difference = tiled.probabilities[name] - whole.probabilities[name];
      assert.ok(Math.abs(difference) < 1e-6);
    }
  }
});

Deno.test("tiles without damage are not restored", async () => {
  const { restorer, backend } = makeRestorer();
  const input = spot(400, 400, [10, 10, 30, 30]);
  const result = await restorer.restore(input, { tile: 96, halo: 16 });
  assert.deepEqual(result.tiles, {
    total: 16,
    restored: 1,
    side: 96,
    asked: 96,
  });
  assert.deepEqual(backend.runs.filter((id) => id === "rain"), ["rain"]);
  assert.equal(result.pixels.data[4 * (20 * 400 + 20)], 5);
});

Deno.test("each network gets tiles as its manifest says, or all as the caller does", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.cuts["mask"] = { tile: 96, halo: 16 };
  store.cuts["rain"] = { tile: 208, halo: 0 };
  const input = photograph(400, 400);
  const count = (id: string): number =>
    backend.runs.splice(0).filter((run) => run === id).length;
  const own = await restorer.restore(input);
  assert.deepEqual(own.tiles, { total: 5, restored: 5, side: 208, asked: 208 });
  assert.equal(count("mask"), 16);
  const given = await restorer.restore(input, { tile: 208, halo: 0 });
  assert.equal(count("mask"), 5);
  assert.deepEqual([...given.pixels.data], [...own.pixels.data]);
});

Deno.test("in fp16 tiles are larger, unless the caller says", async () => {
  const { restorer, backend, store } = makeRestorer();
  backend.half = true;
  store.cuts["rain"] = { tile: 208, halo: 0 };
  const input = photograph(400, 400);
  const own = await restorer.restore(input);
  assert.equal(own.tiles.side, 272);
  const given = await restorer.restore(input, { tile: 208, halo: 0 });
  assert.equal(given.tiles.side, 208);
  assert.deepEqual([...given.pixels.data], [...own.pixels.data]);
});

/** Dark, with a bright left half; large enough to be reduced by 4. */
function half(noise?: number): Raster {
  return spot(256, 192, [0, 0, 128, 192], noise);
}

Deno.test("what is to be seen whole is seen reduced and mirrored, too, and restored at its own size", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.seeHazeWhole();
  backend.corrects = true;
  backend.verdict = [];
  const sizes: unknown[] = [];
  backend.before = (_, { image }) => sizes.push(image!.dims);
  const input = half(0);
  // Neither the caller's tile size nor the classification matter.
  const result = await restorer.restore(input, { task: "haze", tile: 96 });
  const twice = ["haze mask", "haze mask", "haze", "haze"];
  assert.deepEqual(backend.runs, ["mask", ...twice]);
  assert.deepEqual(sizes, [
    [1, 3, 192, 256],
    ...twice.map(() => [1, 3, 64, 64]),
  ]);
  assert.deepEqual(result.tiles, {
    total: 1,
    restored: 1,
    side: 64,
    asked: 64,
  });
  assert.ok(result.confidence < 0.2 && result.probabilities.clean > 0.8);
  assert.deepEqual(
    result.models.map(({ id }) => id),
    [...new Set(backend.runs)],
  );
  const { data } = result.pixels;
  // Two samples beside the edge the mask rises from nothing to all.
  for (let y = 0; y < 192; y++) {
    for (let x = 0; x < 256; x++) {
      const at = 4 * (y * 256 + x);
      const before = [...input.data.subarray(at, at + 4)];
      const wanted = x < 120
        // 22.5 of 100, of which a fifth stays at least (`correct`).
        ? [250 - 0.5 * 5, 20 + 22.5 ** 2 / 80, 20 + 22.5 ** 2 / 80, 100]
        : before;
      if (x >= 120 && x < 136) continue;
      for (let c = 0; c < 4; c++) {
        assert.ok(Math.abs(data[at + c]! - wanted[c]!) <= 0.5, `${x}, ${y}`);
      }
      assert.equal(result.mask.data[y * 256 + x], x < 120 ? 255 : 0);
    }
  }
  assert.ok(Math.abs(result.coverage - 0.5) < 0.05);
});

Deno.test("where the verdict over tiles is a damage to be seen whole, it is looked at anew", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.seeHazeWhole();
  store.cuts["mask"] = { tile: 128, halo: 0 };
  backend.corrects = true;
  backend.verdict = ["haze"];
  const auto = await restorer.restore(half());
  assert.deepEqual(
    backend.runs.splice(0),
    ["mask", "mask", "mask", "haze mask", "haze mask", "haze", "haze"],
  );
  assert.equal(auto.task, "haze");
  assert.ok(auto.confidence > 0.8);
  const asked = await restorer.restore(half(), { task: "haze" });
  assert.deepEqual(auto.pixels, asked.pixels);
  assert.deepEqual(auto.mask, asked.mask);
  const mask = await restorer.predictMask(half());
  assert.deepEqual(mask.mask, asked.mask);
  // Other damage is still found in tiles.
  backend.runs.length = 0;
  backend.corrects = false;
  await restorer.restore(half(), { task: "rain" });
  assert.deepEqual(backend.runs, ["mask", "mask", "mask", "rain"]);
});

Deno.test("a doubt about damage that is seen whole is settled by its own mask network, if that is sure", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.seeHazeWhole();
  backend.corrects = true;
  const runs = async (
    general: number,
    own: number,
  ): Promise<readonly string[]> => {
    backend.runs.length = 0;
    backend.verdict = ["haze"];
    backend.before = (id): void => {
      if (id === "mask") backend.evidence = general;
      if (id === "haze mask") backend.evidence = own;
    };
    await restorer.restore(half());
    return backend.runs.slice();
  };
  // Each sees the image and its mirror image.
  const [found, restored] = [["haze mask", "haze mask"], ["haze", "haze"]];
  // Named by the general network, though not sure.
  assert.deepEqual(
    await runs(0.5, 3),
    ["mask", ...found, ...found, ...restored],
  );
  assert.deepEqual(await runs(0.5, -3), ["mask", ...found, ...found]);
  // Below what is named.
  assert.deepEqual(
    await runs(-1, 3),
    ["mask", ...found, ...found, ...restored],
  );
  assert.deepEqual(await runs(-1, -3), ["mask", ...found]);
  // No doubt.
  assert.deepEqual(await runs(-2, 3), ["mask"]);
});

Deno.test("seen whole: without damage no restorer is loaded, and the bytes stay", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.seeHazeWhole();
  const input = spot(300, 100, [0, 0, 0, 0]);
  const { pixels, tiles } = await restorer.restore(input, { task: "haze" });
  assert.deepEqual([...pixels.data], [...input.data]);
  assert.equal(tiles.restored, 0);
  assert.deepEqual(backend.loads, ["mask", "haze mask"]);
  const user = { width: 300, height: 100, data: new Uint8Array(30000) };
  const marked = spot(300, 100, [0, 0, 300, 100]);
  const kept = await restorer.restore(marked, { task: "haze", mask: user });
  assert.deepEqual([...kept.pixels.data], [...marked.data]);
});

Deno.test("a clean image comes back as it is, and no restorer is loaded", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = [];
  const input = photograph(100, 80);
  const result = await restorer.restore(input);
  assert.equal(result.task, "clean");
  assert.deepEqual([...result.pixels.data], [...input.data]);
  assert.deepEqual(result.tiles, {
    total: 1,
    restored: 0,
    side: 960,
    asked: 960,
  });
  assert.equal(result.identicalPixels, 1);
  assert.equal(result.coverage, 0);
  assert.ok(result.mask.data.every((value) => value === 0));
  assert.deepEqual(backend.loads, ["mask"]);
  assert.deepEqual(result.models, [{
    id: "mask",
    sha256: "sha256 of mask",
    precision: "fp32",
    precisionReason: "Numbers are numbers.",
  }]);
});

Deno.test("the task decides what is loaded, the head what is said", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = ["haze"];
  const input = photograph(70, 70);
  const auto = await restorer.restore(input);
  const asked = await restorer.restore(input, { task: "blur" });
  assert.equal(auto.task, "haze");
  assert.equal(asked.task, "blur");
  assert.ok(auto.confidence > 0.8 && asked.confidence < 0.1);
  const { haze, clean } = auto.probabilities;
  assert.ok(Math.abs(haze + clean - 1) < 1e-12);
  assert.deepEqual(backend.loads, ["mask", "haze", "blur"]);
  assert.deepEqual(asked.models.map(({ id }) => id), ["mask", "blur"]);
});

Deno.test("a result names the networks that run step by step on the GPU, and why", async () => {
  const { restorer, backend } = makeRestorer();
  backend.plain = "rain";
  const { models } = await restorer.restore(photograph(96, 80), {
    task: "rain",
  });
  assert.deepEqual(
    models.map(({ id, unrecorded }) => [id, unrecorded]),
    [["mask", undefined], ["rain", "Its Resize is on the processor."]],
  );
  assert.ok(!("unrecorded" in models[0]!));
});

Deno.test("strength, threshold and a mask of one's own limit what is done", async () => {
  const { restorer, backend } = makeRestorer();
  const input = spot(80, 80, [0, 0, 80, 79]);
  const red = async (options: object): Promise<number> =>
    (await restorer.restore(input, options)).pixels.data[0]!;
  assert.equal(await red({}), 5);
  assert.equal(await red({ strength: 0.4 }), 152);
  const untouched = await restorer.restore(input, { strength: 0 });
  assert.equal(untouched.identicalPixels, 1);
  assert.equal(untouched.tiles.restored, 0);

  backend.maskOf = () => 0.5;
  const faint = await restorer.restore(input, { threshold: 0.6 });
  assert.equal(faint.identicalPixels, 1);
  assert.equal(faint.coverage, 0);
  assert.equal((await restorer.restore(input)).coverage, 1);

  const data = new Uint8Array(6400);
  data[0] = 255;
  data[1] = 51;
  const mask = { width: 80, height: 80, data };
  const limited = await restorer.restore(input, { mask });
  assert.deepEqual(
    [0, 4, 8].map((i) => limited.pixels.data[i]),
    [5, 201, 250],
  );
  assert.equal(limited.identicalPixels, 1 - 2 / 6400);
  await assert.rejects(
    restorer.restore(input, { mask: { ...mask, width: 160, height: 40 } }),
    { code: "invalid-option" },
  );
});

Deno.test("progress counts decoding, tiles and encoding", async () => {
  const { restorer } = makeRestorer();
  const seen: Progress[] = [];
  const input = spot(200, 70, [180, 10, 190, 20]);
  const result = await restorer.restore(input, {
    tile: 64,
    halo: 16,
    onProgress: (progress) => seen.push(progress),
  });
  await result.encode();
  const once = seen.length;
  await Promise.all([result.encodeMask(), result.encode()]);
  assert.ok(seen.splice(once).every(({ fraction }) => fraction === 1));
  assert.deepEqual(
    seen.map(({ stage, done, total }) => `${stage} ${done}/${total}`),
    [
      "decode 0/1",
      "decode 1/1",
      ...[1, 2, 3, 4, 5, 6].slice(0, result.tiles.total).map((n) =>
        `mask ${n}/${result.tiles.total}`
      ),
      "restore 0/1",
      "restore 1/1",
      "encode 0/1",
      "encode 1/1",
    ],
  );
  const fractions = seen.map(({ fraction }) => fraction);
  assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
  assert.ok(fractions[0] === 0 && fractions.at(-1) === 1, `${fractions}`);
});

Deno.test("a signal stops the work before the next tile", async () => {
  const { restorer, backend } = makeRestorer();
  for (const stage of ["mask", "restore"]) {
    backend.runs.length = 0;
    const controller = new AbortController();
    await assert.rejects(
      restorer.restore(photograph(300, 300), {
        tile: 64,
        halo: 16,
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.stage === stage && progress.done === 2) {
            controller.abort();
          }
        },
      }),
      { name: "LimpidError", code: "aborted" },
    );
    const id = stage === "mask" ? "mask" : "rain";
    assert.equal(backend.runs.filter((run) => run === id).length, 2);
    assert.equal(backend.canvases.size, 0);
  }
});

Deno.test("what is finished after the signal has aborted is not delivered", async () => {
  const { restorer, backend } = makeRestorer();
  const controller = new AbortController();
  backend.before = (id) => {
    if (id === "rain") controller.abort();
  };
  const { signal } = controller;
  await assert.rejects(restorer.restore(photograph(60, 60), { signal }), {
    code: "aborted",
  });
});

Deno.test("opening stops when the signal aborts", async () => {
  await assert.rejects(createRestorer({ signal: AbortSignal.abort() }), {
    code: "aborted",
  });
  using silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const models = `http://127.0.0.1:${silent.addr.port}/models`;
  const signal = AbortSignal.timeout(50);
  const began = performance.now();
  await assert.rejects(createRestorer({ device: "wasm", models, signal }), {
    code: "aborted",
  });
  assert.ok(performance.now() - began < 10_000);
});

Deno.test("calls at the same time share what is loaded, and do not mix", async () => {
  const { restorer, backend } = makeRestorer();
  const inputs = [1, 2, 3].map((seed) => photograph(130, 70 + seed, seed));
  const together = await Promise.all(
    inputs.map((input) => restorer.restore(input, { tile: 64, halo: 16 })),
  );
  assert.deepEqual(backend.loads, ["mask", "rain"]);
  for (const [i, input] of inputs.entries()) {
    const alone = await restorer.restore(input, { tile: 64, halo: 16 });
    assert.deepEqual(together[i]!.pixels, alone.pixels);
  }
});

Deno.test("the restorer's model is fetched while the mask's is made ready, if it is known", async () => {
  const { restorer, backend, store } = makeRestorer();
  const load = backend.load.bind(backend);
  backend.load = (id): Promise<Session> => {
    store.calls.push(`load ${id}`);
    return load(id);
  };
  await restorer.restore(photograph(16, 16), { task: "rain" });
  assert.deepEqual(store.calls, [
    "get mask",
    "pull rain",
    "load mask",
    "get rain",
    "load rain",
  ]);
  store.calls.length = 0;
  await restorer.restore(photograph(16, 16), { task: "rain" });
  assert.deepEqual(store.calls, []);

  const other = makeRestorer();
  await other.restorer.predictMask(photograph(16, 16), { task: "rain" });
  await other.restorer.restore(photograph(16, 16));
  assert.deepEqual(other.store.calls, ["get mask", "get rain"]);
});

Deno.test("the mask's model is made ready while the image is decoded, once nothing speaks against that", async () => {
  const { restorer, store } = makeRestorer();
  await assert.rejects(restorer.restore(new Uint8Array(40).fill(7)), {
    code: "not-an-image",
  });
  assert.deepEqual(store.calls, []);
  let known: string[] = [];
  await restorer.restore(photograph(16, 16), {
    onProgress({ stage, done, total }): void {
      if (stage === "decode" && done === total) known = [...store.calls];
    },
  });
  assert.deepEqual(known, ["get mask"]);
});

Deno.test("nothing is told of an image that failed while its models are fetched", async () => {
  const { restorer, store } = makeRestorer();
  const fetching = Promise.withResolvers<void>();
  store.pull = async (id, transfer?: Transfer): Promise<void> => {
    store.calls.push(`pull ${id}`);
    await fetching.promise;
    transfer?.onProgress?.(1, 2);
  };
  const seen: string[] = [];
  const controller = new AbortController();
  await assert.rejects(
    restorer.restore(photograph(16, 16), {
      task: "rain",
      signal: controller.signal,
      onProgress({ stage }): void {
        seen.push(stage);
        controller.abort();
      },
    }),
    { code: "aborted" },
  );
  assert.deepEqual(store.calls, ["get mask", "pull rain"]);
  fetching.resolve();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(seen, ["decode"]);
});

Deno.test("of a size are those models that there are of it; a damage's own mask network serves both", async () => {
  const store = new FakeStore();
  const large = entry("large rain", "rain");
  const mask = { ...entry("large rain mask", "rain"), kind: "mask" } as const;
  store.models.push({ ...large, size: "large" }, { ...mask, size: "large" });
  store.cuts["large rain mask"] = { tile: 64, halo: 0 };
  const limits = { maxPixels: 1e7, maxBytes: 1e7 };
  const open = (): Promise<Backend> => Promise.reject(new Error("no other"));
  for (
    const [size, wanted] of [
      ["large", ["mask", "large rain mask", "large rain mask", "large rain"]],
      ["small", ["mask", "large rain mask", "large rain mask", "rain"]],
      ["auto", ["mask", "large rain mask", "large rain mask", "large rain"]],
    ] as const
  ) {
    const backend = new FakeBackend();
    // The general network's mask is not used where there is another.
    backend.before = (id) => {
      backend.maskOf = (): number => id === "mask" ? 0 : 1;
    };
    const restorer = new LimpidRestorer(backend, store, limits, open, size);
    const { mask, models } = await restorer.restore(photograph(128, 64));
    assert.deepEqual(backend.runs.splice(0), wanted);
    assert.deepEqual(models.map(({ id }) => id), [...new Set(wanted)]);
    assert.ok(mask.data.every((value) => value === 255));
    backend.loads.length = 0;
    await restorer.preload(["blur"]); // There is one size of it.
    assert.deepEqual(backend.loads, ["blur"]);
  }
  store.models.push({ ...mask, id: "small rain mask" });
  const backend = new FakeBackend();
  const restorer = new LimpidRestorer(backend, store, limits, open, "small");
  const { models } = await restorer.restore(photograph(128, 64));
  assert.deepEqual(
    models.map(({ id }) => id),
    ["mask", "small rain mask", "rain"],
  );
});

Deno.test("a mask network that says one number makes that the mask everywhere", async () => {
  for (const task of ["blur", "auto"] as const) {
    const { restorer, backend, store } = makeRestorer();
    store.tellExtentOfBlur();
    backend.verdict = ["blur"];
    const { mask, models, severity, coverage, pixels, tiles } = await restorer
      .restore(photograph(150, 90), { task, tile: 96 });
    assert.ok(mask.data.every((value) => value === 0.4 * 255));
    assert.deepEqual([coverage, severity], [1, 0.4]);
    assert.deepEqual(models.map(({ id }) => id), [
      "mask",
      "blur extent",
      "blur",
    ]);
    // Several tiles had evidence for it.
    assert.ok(backend.runs.filter((id) => id === "blur extent").length > 2);
    assert.equal(tiles.restored, tiles.total);
    assert.equal(pixels.data.length, 4 * 150 * 90);

    backend.extent = 0.01; // Below the threshold.
    const still = await restorer.restore(photograph(150, 90), { task });
    assert.equal(still.identicalPixels, 1);
    assert.equal(still.tiles.restored, 0);
  }
});

Deno.test("preloaded networks are ready, and loaded once", async () => {
  const { restorer, backend, store } = makeRestorer();
  await restorer.preload(["haze", "rain"]);
  assert.deepEqual(backend.loads.toSorted(), ["haze", "mask", "rain"]);
  store.calls.length = 0;
  await restorer.restore(photograph(16, 16));
  assert.deepEqual(store.calls, []);

  const whole = makeRestorer();
  whole.store.seeHazeWhole();
  await whole.restorer.preload(["haze"]);
  assert.deepEqual(
    whole.backend.loads.toSorted(),
    ["haze", "haze mask", "mask"],
  );
  await restorer[Symbol.asyncDispose]();
  assert.ok(store.closed && backend.closed);

  const broken = makeRestorer();
  broken.store.broken = true;
  await assert.rejects(broken.restorer.preload(["haze"]), /no network/);
});

Deno.test("a model that fails to load is tried again by the next call", async () => {
  const { restorer, store } = makeRestorer();
  store.broken = true;
  await assert.rejects(restorer.predictMask(photograph(16, 16)), /no network/);
  store.broken = false;
  assert.equal((await restorer.predictMask(photograph(16, 16))).task, "rain");
});

Deno.test("a model that the device fails to open is tried again by the next call", async () => {
  const { restorer, backend } = makeRestorer();
  const { load } = backend;
  backend.load = () =>
    Promise.reject(new LimpidError("out-of-memory", "It does not fit now."));
  await assert.rejects(restorer.predictMask(photograph(16, 16)), {
    code: "out-of-memory",
  });
  backend.load = load;
  assert.equal((await restorer.predictMask(photograph(16, 16))).task, "rain");
});

Deno.test("networks that give nonsense are found out", async () => {
  const { restorer, backend } = makeRestorer();
  backend.maskOf = () => NaN;
  await assert.rejects(restorer.predictMask(photograph(16, 16)), {
    code: "device-failed",
  });
  const load = backend.load.bind(backend);
  backend.load = async (id): Promise<Session> => {
    const session = await load(id);
    return {
      ...session,
      run: async (feeds): Promise<Record<string, Tensor>> => {
        const { mask, ...rest } = await session.run(feeds);
        return { ...rest, mask: { ...mask!, dims: [1, 1, 64, 64] } };
      },
    };
  };
  await assert.rejects(
    makeRestorer(backend).restorer.predictMask(photograph(16, 16)),
    {
      code: "model-corrupt",
      message:
        "The model mask gives mask as [1, 1, 64, 64] instead of [1, 4, 64, 64]; fetch it again.",
    },
  );
});

Deno.test("files in, files out, in the input's format unless asked otherwise", async () => {
  const { restorer } = makeRestorer();
  const raster = spot(40, 30, [5, 5, 20, 20]);
  raster.data.forEach((_, i) => i % 4 === 3 && (raster.data[i] = 255));
  for (const format of ["png", "jpeg", "webp"] as const) {
    const file = await encode(raster, { format });
    const result = await restorer.restore(file);
    assert.ok(result.identicalPixels < 1);
    await result.encodeMask();
    assert.equal(result.times.encode, 0);
    assert.equal(infoOf(await result.encode()).format, format);
    assert.ok(
      result.times.encode > 0 && result.times.total > result.times.mask,
    );
    const mask = await restorer.predictMask(file);
    await mask.encodeMask();
    assert.ok(mask.times.encode > 0 && mask.times.total > mask.times.mask);
    const png = await result.encode({ format: "png" });
    assert.equal(infoOf(png).format, "png");
    const again = await restorer.restore(png, { strength: 0 });
    assert.deepEqual([...again.pixels.data], [...result.pixels.data]);
    await assert.rejects(result.encode({ quality: 500 }), {
      code: "invalid-option",
    });
    const small = await result.encode({ format: "jpeg", quality: 5 });
    assert.ok(small.length < (await result.encode({ format: "jpeg" })).length);
  }
  const fromPixels = await restorer.restore(raster);
  assert.equal(infoOf(await fromPixels.encode()).format, "png");
});

Deno.test("paths are read and written, in the format of their extension", async () => {
  const { restorer } = makeRestorer();
  const folder = await Deno.makeTempDir();
  try {
    const [from, to] = [join(folder, "a b#c.png"), join(folder, "d.webp")];
    const raster = spot(40, 30, [5, 5, 20, 20]);
    await Deno.writeFile(from, await encode(raster, { format: "png" }));
    const result = await restorer.restore(from);
    await result.save(to);
    assert.equal(infoOf(await Deno.readFile(to)).format, "webp");
    if (Deno.build.os !== "windows") {
      await Deno.chmod(to, 0o600);
      await result.save(to);
      assert.equal((await Deno.stat(to)).mode! & 0o777, 0o600);
    }
    await result.save(pathToFileURL(join(folder, "e")));
    const named = await Deno.readFile(join(folder, "e"));
    assert.equal(infoOf(named).format, "png");
    await assert.rejects(result.save(join(folder, "f.gif")), {
      code: "invalid-option",
      message:
        /^The file .*f\.gif names no format that is written; use one of \.png, \.jpg, \.webp, \.avif, \.tif\.$/,
    });
    await assert.rejects(result.save(to, { format: "png" }), {
      code: "invalid-option",
      message:
        /d\.webp ends like a WebP file, but the format is PNG; make them agree\.$/,
    });
    await assert.rejects(result.save("/dev/null"), {
      code: "unwritable",
      message: /^\/dev\/null is no regular file/,
    });
    await assert.rejects(restorer.restore(folder), {
      code: "unreadable",
      message: /is a folder; name a file in it\.$/,
    });
    await assert.rejects(restorer.restore("s3://bucket/x.jpg"), {
      code: "invalid-option",
      message: /begins with s3:, which is not read/,
    });
    await assert.rejects(result.save(join(folder, "none", "g.png")), {
      code: "unwritable",
    });
    await assert.rejects(restorer.restore(join(folder, "h.png")), {
      code: "not-found",
    });
    await assert.rejects(restorer.restore(""), { code: "invalid-option" });
    await result.save(pathToFileURL(join(folder, "i.png")).href);
    for (const nowhere of ["", "https://host/j.png", undefined]) {
      const to = nowhere?.startsWith("https") ? new URL(nowhere) : nowhere!;
      await assert.rejects(result.save(to), { code: "invalid-option" });
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map((e) => e.name).sort(), [
      "a b#c.png",
      "d.webp",
      "e",
      "i.png",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("metadata that is to be stripped is in no result, also of an image that stays", async () => {
  const { restorer } = makeRestorer();
  const comments = [new TextEncoder().encode("mine alone")];
  const file = await encode(spot(40, 30, [0, 0, 0, 0]), {
    format: "jpeg",
    metadata: { comments },
  });
  const latin1 = new TextDecoder("latin1");
  const kept = await restorer.restore(file);
  assert.deepEqual(await kept.encode(), file);
  for (
    const bytes of [
      await kept.encode({ metadata: "strip" }),
      await (await restorer.restore(file, { metadata: "strip" })).encode(),
    ]
  ) {
    assert.doesNotMatch(latin1.decode(bytes), /mine alone/);
  }
  const placeless = await kept.encode({ metadata: "strip-location" });
  assert.match(latin1.decode(placeless), /mine alone/);
  // What is not read is not written either.
  const more = concat([file, new TextEncoder().encode("a second image")]);
  const other = await restorer.restore(more);
  assert.deepEqual(await other.encode(), more);
  for (const metadata of ["strip", "strip-location"] as const) {
    const bytes = await other.encode({ metadata });
    assert.doesNotMatch(latin1.decode(bytes), /second image/);
  }
  await assert.rejects(restorer.restore(file, { metadata: "all" as "keep" }), {
    code: "invalid-option",
    message: /one of keep, strip, strip-location/,
  });
});

Deno.test("an image without colour gets none, whatever it comes as; one of one channel is written with one", async () => {
  const { restorer, backend } = makeRestorer();
  // Red, green and blue apart from each other, as trained networks have them.
  backend.restore = (value, i, all) =>
    value - 0.1 * Math.floor(3 * i / all.length);
  const data = photograph(90, 70).data.map((_, i, bytes) =>
    i % 4 === 3 ? 255 : bytes[i - i % 4]!
  );
  const raster = { width: 90, height: 70, data };
  const inputs: [Input, boolean][] = [[raster, false]];
  for (const format of ["png", "jpeg"] as const) {
    for (const grey of [true, false]) {
      inputs.push([await encode(raster, { format, grey }), grey]);
    }
  }
  for (const [input, grey] of inputs) {
    const result = await restorer.restore(input, { tile: 64, halo: 16 });
    const { pixels: { data }, identicalPixels } = result;
    assert.ok(identicalPixels > 0.5 && identicalPixels < 1);
    for (let at = 0; at < data.length; at += 4) {
      assert.ok(data[at] === data[at + 1] && data[at] === data[at + 2]);
    }
    assert.equal(infoOf(await result.encode()).grey, grey);
  }
  // One coloured pixel makes it a colour image.
  data[0]! ^= 255;
  const { pixels } = await restorer.restore(raster);
  assert.ok(
    pixels.data.some((value, i) =>
      i > 4 && value !== pixels.data[i - i % 4] && i % 4 !== 3
    ),
  );
});

Deno.test("a lossless WebP stays so, unless asked otherwise", async () => {
  const { restorer } = makeRestorer();
  const raster = photograph(40, 30);
  const lossless = { format: "webp", quality: "lossless" } as const;
  const file = await encode(raster, lossless);
  const result = await restorer.restore(file);
  const again = await result.encode();
  assert.equal(infoOf(again).lossless, true);
  const { pixels } = await restorer.restore(again, { strength: 0 });
  assert.deepEqual([...pixels.data], [...result.pixels.data]);
  assert.equal(infoOf(await result.encode({ quality: 92 })).lossless, false);
  const lossy = await restorer.restore(
    await encode(raster, { format: "webp" }),
  );
  assert.equal(infoOf(await lossy.encode()).lossless, false);
  assert.equal(infoOf(await lossy.encode(lossless)).lossless, true);
  const png = await restorer.restore(await encode(raster, { format: "png" }));
  assert.equal(infoOf(await png.encode({ format: "webp" })).lossless, false);
});

/** Damaged where red's high byte is above 200; low bytes differ everywhere. */
function deepSample(x: number, y: number, c: number): number {
  const high = c === 0 && x > 20 && x < 60 ? 250 : (40 + x + 2 * y + 30 * c);
  return high * 256 + (x * 37 + y * 91 + c * 11) % 256;
}

Deno.test("16 bits: what is not restored keeps its samples, what is keeps their finer steps", async () => {
  const { restorer } = makeRestorer();
  const [width, height] = [90, 70];
  const icc = iccProfile("RGB ");
  const png = pngFile({
    width,
    height,
    depth: 16,
    colourType: 6,
    sample: deepSample,
    chunks: [["iCCP", concat([latin1("icc\0\0"), deflateSync(icc)])]],
  });
  const tiff = deepTiff({
    width,
    height,
    channels: 4,
    sample: deepSample,
    compression: "LZW",
    differences: true,
  });
  for (const file of [png, tiff]) {
    const before = (await decode(file, LIMITS, 16)).deep!.data;
    const result = await restorer.restore(file, { task: "rain", depth: 16 });
    const written = await result.encode();
    assert.equal(infoOf(written).format, "png");
    const { deep, metadata } = await decode(written, LIMITS, 16);
    assert.deepEqual(metadata.icc, file === png ? icc : undefined);
    const { data: flat } = (await decode(file, LIMITS)).raster;
    let changed = 0, fine = 0;
    for (let i = 0; i < before.length; i++) {
      const change = i % 4 === 3 ? 0 : result.pixels.data[i]! - flat[i]!;
      const after = before[i]! + 257 * change;
      assert.equal(deep!.data[i], Math.max(0, Math.min(65535, after)), `${i}`);
      if (result.mask.data[i >> 2] === 0) {
        assert.equal(deep!.data[i], before[i], `sample ${i} is not damaged`);
      }
      changed += Number(change !== 0);
      fine += Number(deep!.data[i]! % 257 !== 0);
    }
    assert.ok(changed > 1000);
    assert.ok(fine > before.length / 2, "steps finer than 8 bits");
    assert.deepEqual(result.warnings, []);
    // Not asked for: 8 bits, as ever.
    const plain = await restorer.restore(file, { task: "rain" });
    assert.equal(infoOf(await plain.encode()).bitDepth, 8);
  }
});

Deno.test("16 bits: nothing restored is the PNG that came, and a TIFF's samples in a PNG", async () => {
  const { restorer, backend } = makeRestorer();
  backend.evidence = -3;
  const [width, height] = [50, 40];
  const png = pngFile({
    width,
    height,
    depth: 16,
    colourType: 2,
    sample: deepSample,
  });
  const result = await restorer.restore(png, { depth: 16 });
  assert.equal(result.task, "clean");
  assert.deepEqual(await result.encode(), png);
  for (const channels of [1, 2, 3, 4] as const) {
    const tiff = deepTiff({ width, height, channels, sample: deepSample });
    const clean = await restorer.restore(tiff, { depth: 16 });
    assert.equal(clean.identicalPixels, 1);
    const written = await clean.encode();
    const { deep, grey } = await decode(written, LIMITS, 16);
    assert.equal(grey, channels < 3);
    assert.deepEqual(deep, (await decode(tiff, LIMITS, 16)).deep);
  }
});

Deno.test("16 bits: an image without colour stays without", async () => {
  const { restorer } = makeRestorer();
  const [width, height] = [90, 70];
  for (const [colourType, one] of [[0, true], [2, false]] as const) {
    const file = pngFile({
      width,
      height,
      depth: 16,
      colourType,
      sample: (x, y) => deepSample(x, y, 0),
    });
    const result = await restorer.restore(file, { task: "rain", depth: 16 });
    assert.ok(result.identicalPixels < 1);
    const written = await result.encode();
    const { bitDepth, grey } = infoOf(written);
    assert.deepEqual([bitDepth, grey], [16, one]);
    const { data } = (await decode(written, LIMITS, 16)).deep!;
    for (let i = 0; i < data.length; i += 4) {
      assert.equal(data[i], data[i + 1]);
      assert.equal(data[i], data[i + 2]);
    }
  }
});

Deno.test("16 bits: what has them not, or cannot hold them, is told; what is asked for in vain is refused", async () => {
  const { restorer, backend } = makeRestorer();
  const deep = pngFile({
    width: 50,
    height: 40,
    depth: 16,
    colourType: 2,
    sample: deepSample,
  });
  for (const format of ["jpeg", "webp", "avif"] as const) {
    backend.runs.length = 0;
    await assert.rejects(restorer.restore(deep, { format, depth: 16 }), {
      code: "invalid-option",
      message:
        /^(JPEG|WebP|AVIF) holds 8 bits a channel, not 16; write PNG or TIFF, or ask for no depth\.$/,
    });
    assert.deepEqual(backend.runs, []);
  }
  const both = await restorer.restore(deep, { task: "rain", depth: 16 });
  assert.equal(infoOf(await both.encode({ format: "jpeg" })).format, "jpeg");
  assert.deepEqual(both.warnings, [
    "JPEG holds 8 bits a channel; the other 8 are left out.",
  ]);
  assert.equal(infoOf(await both.encode()).bitDepth, 16);
  assert.deepEqual(both.warnings, []);

  const flat = photograph(50, 40);
  const jpeg = await encode(flat, { format: "jpeg" });
  for (const format of [undefined, "jpeg"] as const) {
    const result = await restorer.restore(jpeg, {
      depth: 16,
      ...(format && { format }),
    });
    assert.deepEqual(result.warnings, [
      "The JPEG has 8 bits a channel, and so has its result.",
    ]);
    assert.equal(infoOf(await result.encode()).format, "jpeg");
  }
  const pixels = await restorer.restore(flat, { depth: 16 });
  assert.deepEqual(pixels.warnings, [
    "Raw pixels have 8 bits a channel, and so has the result.",
  ]);
  assert.equal(infoOf(await pixels.encode()).bitDepth, 8);
  // It is no fault: a clean file goes back as it came.
  backend.evidence = -3;
  const png = await encode(flat, { format: "png" });
  const clean = await restorer.restore(png, { depth: 16 });
  assert.deepEqual(await clean.encode(), png);
  assert.equal(clean.warnings.length, 1);
});

Deno.test("what the format has no place for is said after it is written", async () => {
  const { restorer } = makeRestorer();
  const raster = spot(40, 30, [5, 5, 20, 20]);
  const metadata = { icc: iccProfile("GRAY") };
  const grey = {
    ...raster,
    data: raster.data.map((_, i, all) => all[i - i % 4]!),
  };
  const file = await encode(grey, { format: "png", metadata, grey: true });
  const result = await restorer.restore(file);
  assert.deepEqual(result.warnings, []);
  await result.encode({ format: "webp" });
  assert.equal(result.warnings.length, 1);
  await result.encode();
  assert.deepEqual(result.warnings, []);
  const clear = await restorer.restore({ ...raster, data: raster.data });
  await clear.encode({ format: "jpeg" });
  assert.deepEqual(clear.warnings, [
    "JPEG has no transparency; the image is laid over white.",
  ]);
  await clear.encode();
  assert.deepEqual(clear.warnings, []);
});

Deno.test("an output that cannot be is refused before the image is worked on", async () => {
  const { restorer, backend } = makeRestorer();
  const raster = spot(40, 30, [5, 5, 20, 20]);
  const file = await encode(raster, { format: "png" });
  for (const input of [raster, file]) {
    await assert.rejects(
      restorer.restore(input, { format: "jpeg", quality: "lossless" }),
      { code: "invalid-option", message: /^JPEG has no lossless quality/ },
    );
  }
  assert.deepEqual(backend.runs, []);
});

Deno.test("a file in which nothing was restored is that file", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = [];
  const file = await encode(photograph(40, 30), { format: "jpeg" });
  const result = await restorer.restore(file);
  const same = await result.encode();
  assert.deepEqual(same, file);
  assert.notEqual(same.buffer, file.buffer);
  assert.notDeepEqual(await result.encode({ quality: 30 }), file);
  assert.equal(infoOf(await result.encode({ format: "png" })).format, "png");
  assert.equal(result.format, "jpeg");
});

Deno.test("a result stays when the caller uses the bytes of its input again", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = [];
  const file = await encode(photograph(40, 30), { format: "jpeg" });
  const buffer = file.slice();
  const result = await restorer.restore(buffer);
  buffer.fill(0);
  assert.deepEqual(await result.encode(), file);
  structuredClone(buffer, { transfer: [buffer.buffer] });
  assert.deepEqual(await result.encode(), file);
  await assert.rejects(restorer.restore(buffer.buffer), {
    code: "invalid-option",
    message: /transferred away/,
  });
});

Deno.test("a file with faults is written anew where nothing is lost by that", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = [];
  const raster = photograph(40, 30);
  const metadata = { xmp: new TextEncoder().encode("<x:xmpmeta/>") };
  const png = await encode(raster, { format: "png", metadata });
  png[new TextDecoder("latin1").decode(png).indexOf("<x:xmp") + 3]! ^= 1;
  const result = await restorer.restore(png);
  assert.match(result.warnings.join(), /iTXt/);
  const mended = await restorer.restore(await result.encode());
  assert.deepEqual(mended.warnings, []);
  assert.deepEqual([...mended.pixels.data], [...raster.data]);
  // Encoding a JPEG again would lose quality.
  const jpeg = (await encode(raster, { format: "jpeg" })).slice(0, -2);
  const kept = await restorer.restore(jpeg);
  assert.match(kept.warnings.join(), /end marker/);
  assert.deepEqual(await kept.encode(), jpeg);
});

Deno.test("masks are written in grey, or over the image", async () => {
  const { restorer } = makeRestorer();
  const input = spot(40, 30, [5, 5, 20, 20]);
  const result = await restorer.predictMask(input);
  const opened = async (file: Input): Promise<Raster> =>
    (await restorer.restore(file, { strength: 0 })).pixels;
  const grey = await opened(await result.encodeMask());
  const over = await opened(await result.encodeMask({ overlay: true }));
  await assert.rejects(
    result.encodeMask({ overlaid: true } as Record<string, boolean>),
    { code: "invalid-option", message: /no option overlaid .*overlay/ },
  );
  const at = ({ data }: Raster, x: number, y: number): number[] => [
    ...data.subarray(4 * (y * 40 + x), 4 * (y * 40 + x) + 3),
  ];
  assert.deepEqual(at(grey, 10, 10), [255, 255, 255]);
  assert.deepEqual(at(grey, 30, 10), [0, 0, 0]);
  assert.notDeepEqual(at(over, 10, 10), at(input, 10, 10));
  assert.notDeepEqual(at(over, 10, 10), at(grey, 10, 10));
});

Deno.test("after disposal the backend is closed and nothing is done", async () => {
  const { restorer, backend } = makeRestorer();
  await restorer[Symbol.asyncDispose]();
  assert.equal(backend.closed, true);
  await assert.rejects(restorer.restore(photograph(16, 16)), {
    code: "device-failed",
    message: "This restorer was disposed of; create another.",
  });
});

Deno.test("a job whose restorer is disposed of meanwhile says so", async () => {
  const { restorer, backend } = makeRestorer();
  backend.before = () => {
    void restorer[Symbol.asyncDispose]();
    throw new LimpidError("device-failed", "The backend was closed.");
  };
  await assert.rejects(restorer.restore(photograph(16, 16)), {
    code: "device-failed",
    message: "This restorer was disposed of; create another.",
  });
});

Deno.test("a device that is lost under a job is replaced, and the job done again", async () => {
  const second = new FakeBackend();
  let opened = 0;
  const { restorer, backend } = makeRestorer(new FakeBackend(), () => {
    opened++;
    return Promise.resolve(second);
  });
  backend.before = (id) => {
    if (id !== "rain") return;
    backend.broken = "lost";
    throw new LimpidError("device-failed", "The device was lost.");
  };
  const image = spot(200, 200, [20, 20, 90, 90]);
  const results = await Promise.all([
    restorer.restore(image),
    restorer.restore(image),
  ]);
  assert.equal(opened, 1);
  assert.ok(backend.closed);
  assert.ok(second.runs.includes("rain"));
  const { restorer: other } = makeRestorer();
  const { pixels } = await other.restore(image);
  for (const result of results) assert.deepEqual(result.pixels, pixels);

  // Twice is no accident.
  second.before = () => {
    second.broken = "lost";
    throw new LimpidError("device-failed", "The device was lost.");
  };
  await assert.rejects(restorer.restore(image), {
    message: "The device was lost.",
  });
  await restorer[Symbol.asyncDispose]();
});

Deno.test("a device that is opened while its restorer is disposed of is closed", async () => {
  const second = new FakeBackend();
  const opening = Promise.withResolvers<Backend>();
  const asked = Promise.withResolvers<void>();
  const { restorer, backend } = makeRestorer(new FakeBackend(), () => {
    asked.resolve();
    return opening.promise;
  });
  backend.before = (): never => {
    backend.broken = "lost";
    throw new LimpidError("device-failed", "The device was lost.");
  };
  const job = restorer.restore(photograph(16, 16));
  await asked.promise;
  const disposal = restorer[Symbol.asyncDispose]();
  opening.resolve(second);
  await assert.rejects(job, { code: "device-failed", message: /disposed of/ });
  await disposal;
  assert.ok(second.closed);
});

Deno.test("encodings at once have their own times", async () => {
  const { restorer } = makeRestorer();
  const result = await restorer.restore(photograph(300, 200));
  const began = performance.now();
  await Promise.all(Array.from({ length: 4 }, () => result.encode()));
  // All of them in a row took that long.
  assert.ok(result.times.encode < performance.now() - began);
});

Deno.test("an image with a side below 16 pixels at the coarsest scale is not looked at, which is said", async () => {
  const { restorer, backend } = makeRestorer();
  const coarsest = (reduced: string): string =>
    ` reduced to ${reduced} for the first look,`;
  for (
    const [width, height, why] of [
      [1, 1, ""],
      [15, 400, ""],
      [1300, 63, coarsest("325x16")],
      [1300, 60, coarsest("325x15")],
      [20, 20_000, coarsest("1x625")],
    ] as const
  ) {
    const isSeen = why.includes("x16");
    for (const task of ["auto", "rain", ["blur", "haze"]] as const) {
      backend.runs.length = 0;
      const image = photograph(width, height);
      const result = await restorer.restore(image, { task });
      const found = await restorer.predictMask(image, { task });
      assert.equal(found.mask.data.length, width * height);
      assert.equal(backend.runs.length > 0, isSeen, `${width}x${height}`);
      if (isSeen) continue;
      assert.ok(result.pixels.data.every((v, i) => v === image.data[i]));
      const { confidence, restored, warnings } = result;
      assert.deepEqual([result.task, confidence, restored], ["clean", 0, []]);
      assert.deepEqual(warnings, [
        `The image is ${width}x${height} pixels and is left as it is:${why} it has a side below 16.`,
      ]);
      assert.ok(found.mask.data.every((value) => value === 0));
      assert.deepEqual(found.warnings, warnings);
    }
  }
});

Deno.test("a device that gives wrong numbers for a model is left, and the job done on another", async () => {
  const other = new FakeBackend();
  const left: Backend[] = [];
  const { restorer, backend } = makeRestorer(new FakeBackend(), (broken) => {
    left.push(broken);
    return Promise.resolve(other);
  });
  // Like a Worker whose model fails its self-check.
  backend.load = (): Promise<Session> => {
    backend.broken = "wrong";
    return Promise.reject(new WrongNumbers("mask", "webgpu", 1));
  };
  const { task } = await restorer.restore(spot(90, 80, [20, 20, 40, 40]));
  assert.equal(task, "rain");
  assert.deepEqual(left, [backend]);
  assert.ok(other.runs.includes("rain"));
  await restorer[Symbol.asyncDispose]();
});

Deno.test("a failure that leaves the device whole is not tried again", async () => {
  const { restorer, backend } = makeRestorer();
  backend.before = () => {
    throw new LimpidError("device-failed", "Wrong shape.");
  };
  await assert.rejects(restorer.predictMask(photograph(16, 16)), {
    message: "Wrong shape.",
  });
  assert.deepEqual(backend.runs, ["mask"]);
});

Deno.test("where memory does not suffice, tiles are halved", async () => {
  const { restorer, backend } = makeRestorer();
  const image = spot(600, 500, [300, 200, 580, 480]);
  const options = { tile: 480, halo: 16, task: "rain" } as const;
  const whole = await restorer.restore(image, options);
  assert.equal(whole.tiles.side, 480);
  backend.before = (id, { image }) => {
    const [, , height, width] = image!.dims;
    const limit = id === "mask" ? 512 : 160;
    if (height! * width! <= limit ** 2) return;
    throw new LimpidError("out-of-memory", "The device is full.");
  };
  const halved = await restorer.restore(image, options);
  assert.equal(halved.tiles.side, 128);
  assert.deepEqual(halved.pixels, whole.pixels);

  const tried: number[] = [];
  backend.before = (_, { image }) => {
    tried.push(image!.dims[2]! * image!.dims[3]!);
    throw new LimpidError("out-of-memory", "The device is full.");
  };
  await assert.rejects(restorer.restore(image, { ...options, tile: 4096 }), {
    code: "out-of-memory",
  });
  assert.equal(tried[0], 608 * 512);
  assert.equal(tried.at(-1), 96 * 96);
  assert.equal(new Set(tried).size, tried.length, "none is tried twice");
});

Deno.test("an image that takes too much memory is refused, files and pixels alike", async () => {
  const backend = new FakeBackend();
  const restorer = new LimpidRestorer(
    backend,
    new FakeStore(),
    { maxPixels: 1e7, maxBytes: 1e7, maxMemory: 100e6 },
    () => Promise.reject(new Error("no other device")),
  );
  const raster = photograph(1200, 1000);
  const file = await encode(raster, { format: "png" });
  for (const input of [raster, file]) {
    await assert.rejects(restorer.restore(input, { tile: 64, halo: 16 }), {
      code: "too-much-memory",
      message: /1200x1000 .* the limit is 96 MiB/,
    });
  }
  assert.deepEqual(backend.loads, []);
  const small = await restorer.restore(photograph(100, 100), {
    tile: 64,
    halo: 16,
  });
  assert.equal(small.task, "rain");
});

Deno.test("auto restores what is sure enough, and tells what is not", async () => {
  const { restorer, backend } = makeRestorer();
  backend.evidence = 1; // a probability of 0.73
  const input = photograph(100, 80);
  const left = await restorer.restore(input);
  assert.deepEqual([left.task, left.tasks, left.restored], [
    "rain",
    ["rain"],
    [],
  ]);
  assert.ok(Math.abs(left.confidence - 0.731) < 0.001);
  assert.deepEqual([...left.pixels.data], [...input.data]);
  assert.ok(left.coverage > 0.1, "the mask is told all the same");
  assert.deepEqual(backend.loads, ["mask"]);
  const bold = await restorer.restore(input, { minConfidence: 0.7 });
  assert.deepEqual(bold.restored, ["rain"]);
  assert.ok(bold.identicalPixels < 0.9);
  backend.evidence = -1; // 0.27
  assert.deepEqual((await restorer.restore(input)).tasks, []);
  const rash = await restorer.restore(input, { minConfidence: 0.2 });
  assert.deepEqual([rash.tasks, rash.restored], [["rain"], ["rain"]]);
  backend.evidence = 1;
  // A task that is asked for is always restored.
  const named = await restorer.restore(input, { task: "rain" });
  assert.deepEqual(named.pixels, bold.pixels);
});

Deno.test("an image of one colour and a drawing are clean, whatever networks say, unless a task is named", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = ["haze"];
  const inner = [5, 5, 20, 20] as const;
  const [grey, drawing, photo] = [
    spot(40, 30, [0, 0, 0, 0], 0),
    spot(40, 30, inner, 0),
    spot(40, 30, inner),
  ];
  for (const image of [grey, drawing]) {
    const { task, confidence, restored, identicalPixels } = await restorer
      .restore(image);
    assert.deepEqual(
      [task, confidence, restored, identicalPixels],
      ["clean", 1, [], 1],
    );
    const named = await restorer.restore(image, { task: "rain" });
    assert.deepEqual(named.restored, ["rain"]);
  }
  assert.equal((await restorer.restore(photo)).task, "haze");
});

Deno.test("two damages are restored one after the other: as listed, or the most severe first", async () => {
  const { restorer, backend } = makeRestorer();
  backend.restore = (value) => value / 2;
  backend.maskOf = (): number => 1;
  const input = photograph(100, 80);
  const order = (): string[] =>
    backend.runs.splice(0).filter((id) => id !== "mask");
  const both = await restorer.restore(input, { task: ["raindrop", "rain"] });
  assert.deepEqual(order(), ["raindrop", "rain"]);
  assert.deepEqual(both.restored, ["raindrop", "rain"]);
  assert.equal(both.task, "raindrop");
  const one = await restorer.restore(input, { task: "rain" });
  const halves = both.pixels.data.filter((_, i) => i % 4 !== 3);
  const whole = one.pixels.data.filter((_, i) => i % 4 !== 3);
  assert.ok(halves.every((value, i) => Math.abs(value - whole[i]! / 2) <= 1));
  backend.runs.length = 0;
  backend.verdict = ["blur", "rain", "haze"];
  const found = await restorer.restore(input);
  assert.equal(found.restored.length, 2, "no more than two unasked");
  assert.deepEqual(order(), found.tasks);
  for (const worst of ["rain", "haze"] as const) {
    backend.verdict = ["rain", "haze"];
    backend.maskOf = (_, task): number => task === worst ? 0.9 : 0.6;
    const { tasks } = await restorer.restore(input);
    assert.deepEqual(order(), tasks);
    assert.equal(tasks[0], worst);
  }
});

Deno.test("the mask of two damages has both", async () => {
  const { restorer, backend } = makeRestorer();
  backend.restore = (value) => value;
  backend.maskOf = (red, task): number =>
    Number(task === "rain" ? red > 200.5 / 255 : red < 50.5 / 255);
  const input = photograph(100, 80);
  const { mask, coverage } = await restorer.restore(input, {
    task: ["rain", "raindrop"],
  });
  const wanted = mask.data.map((_, i) =>
    input.data[4 * i]! > 200 || input.data[4 * i]! <= 50 ? 255 : 0
  );
  assert.deepEqual(mask.data, wanted);
  assert.equal(coverage, wanted.filter(Boolean).length / wanted.length);
});

/** Clean grey of 1500x1000, which has three levels, with a square of 400 pixels that is damaged at every scale. */
const LARGE = spot(1500, 1000, [200, 200, 600, 600]);

for (
  const [task, order] of [
    // Thin streaks go first: the next pass begins with the coarsest level.
    ["rain", [0, 2, 1]],
    ["raindrop", [2, 1]],
  ] as const
) {
  Deno.test(`large images are restored at the levels ${order}, and only where they are damaged: ${task}`, async () => {
    const { restorer, backend } = makeRestorer();
    // Restores half at each level, so that the next level still finds damage.
    backend.restore = (value) => value > 0.9 ? 0.85 : value > 0.8 ? 0.4 : value;
    backend.maskOf = (red) => red > 200.5 / 255 ? 1 : 0;
    const widths: number[] = [];
    backend.before = (id, { image }) => {
      if (id === task) widths.push(image!.dims[3]!);
    };
    const { pixels, mask, levels, tiles, restored } = await restorer.restore(
      LARGE,
      { task },
    );
    assert.deepEqual(restored, [task]);
    assert.deepEqual(levels, order);
    assert.ok(tiles.restored === widths.length);
    for (let y = 0; y < 1000; y += 7) {
      for (let x = 0; x < 1500; x += 7) {
        const at = 4 * (y * 1500 + x);
        const inside = x >= 208 && x < 592 && y >= 208 && y < 592;
        const beside = x < 190 || x >= 610 || y < 190 || y >= 610;
        if (inside) {
          assert.equal(pixels.data[at], 102, `${x}, ${y}`);
          assert.equal(mask.data[y * 1500 + x], 255);
        } else if (beside) {
          assert.equal(pixels.data[at], 100);
          assert.equal(mask.data[y * 1500 + x], 0);
        }
      }
    }
  });
}

Deno.test("how much is done rises with every tile of every level and damage", async () => {
  const { restorer, backend } = makeRestorer();
  backend.restore = (value) => value > 0.9 ? 0.85 : value > 0.8 ? 0.4 : value;
  backend.maskOf = (red) => red > 200.5 / 255 ? 1 : 0;
  const seen: Progress[] = [];
  const { levels } = await restorer.restore(LARGE, {
    task: ["rain", "raindrop"],
    tile: 256,
    halo: 16,
    onProgress: (progress) => seen.push(progress),
  });
  assert.ok(levels.length >= 4, `${levels}`);
  // What begins is told too, with nothing done.
  const fractions = seen.filter(({ done }, i) => i === 0 || done > 0)
    .map(({ fraction }) => fraction);
  assert.ok(
    fractions.every((share, i) => i === 0 || share > fractions[i - 1]!),
    `${fractions}`,
  );
  assert.ok(fractions.at(-1)! <= 0.95, `${fractions}`);
});

Deno.test("a caller's mask limits large images to the pixel", async () => {
  const { restorer } = makeRestorer();
  const data = new Uint8Array(1500 * 1000);
  for (let y = 0; y < 1000; y++) data.fill(255, y * 1500, y * 1500 + 333);
  const mask = { width: 1500, height: 1000, data };
  const { pixels } = await restorer.restore(LARGE, { task: "rain", mask });
  for (let y = 300; y < 500; y++) {
    for (let x = 333; x < 600; x++) {
      assert.equal(pixels.data[4 * (y * 1500 + x)], 250, `${x}, ${y}`);
    }
  }
  assert.notEqual(pixels.data[4 * (400 * 1500 + 300)], 250);
});

Deno.test("strength is a share of the restoration, whatever the number of levels", async () => {
  const { restorer } = makeRestorer();
  const at = async (strength: number): Promise<Uint8ClampedArray> =>
    (await restorer.restore(LARGE, { task: "rain", strength })).pixels.data;
  const [none, quarter, half, all] = [
    await at(0),
    await at(0.25),
    await at(0.5),
    await at(1),
  ];
  let restored = 0;
  for (let i = 0; i < none!.length; i += 97) {
    const [before, after] = [none![i]!, all![i]!];
    if (before !== after) restored++;
    const part = (share: number): number => before + share * (after - before);
    assert.ok(Math.abs(quarter![i]! - part(0.25)) <= 0.5, `${i}`);
    assert.ok(Math.abs(half![i]! - part(0.5)) <= 0.5, `${i}`);
  }
  assert.ok(restored > 100, `${restored}`);
  // So is the value of a caller's mask.
  const data = new Uint8Array(1500 * 1000).fill(51);
  const mask = { width: 1500, height: 1000, data };
  const { pixels } = await restorer.restore(LARGE, { task: "rain", mask });
  const fifth = await at(0.2);
  assert.ok(pixels.data.every((value, i) => value === fifth[i]));
});

Deno.test("what a job puts on the device goes with it", async () => {
  const { restorer, backend, store } = makeRestorer();
  const after = async (
    options: RestoreOptions,
    input: Input = LARGE,
  ): Promise<void> => {
    await restorer.restore(input, options);
    assert.equal(backend.live.size, 0);
  };
  const mask = { width: 1500, height: 1000, data: new Uint8Array(15e5) };
  mask.data.fill(255, 0, 4e5);
  await after({});
  await after({ task: ["rain", "raindrop"] });
  await after({ task: "rain", mask });
  await after({ task: "rain" }, spot(1, 20000, [0, 0, 1, 20000]));
  backend.verdict = [];
  await after({});
  store.seeHazeWhole();
  backend.corrects = true;
  await after({ task: "haze" });
  backend.corrects = false;
  store.tellExtentOfBlur();
  await after({ task: ["blur", "rain"] });
  let runs = 0;
  backend.before = () => {
    if (++runs === 4) throw new LimpidError("device-failed", "It broke.");
  };
  await assert.rejects(restorer.restore(LARGE, { task: "rain" }), /It broke/);
  assert.equal(backend.live.size, 0);
});

Deno.test("a clean image of many pixels costs two glances", async () => {
  const { restorer, backend } = makeRestorer();
  backend.verdict = [];
  const seen: number[] = [];
  backend.before = (_, { image }) =>
    seen.push(image!.dims[2]! * image!.dims[3]!);
  const input = spot(3600, 2700, [0, 0, 3600, 2700]);
  const { identicalPixels, tasks } = await restorer.restore(input);
  assert.deepEqual([identicalPixels, tasks], [1, []]);
  assert.ok(seen.reduce((sum, n) => sum + n) < 1.3e6, `${seen}`);
});

Deno.test("a long shake is restored at the level where it is short", async () => {
  const { restorer, backend, store } = makeRestorer();
  store.tellExtentOfBlur();
  const sides: number[] = [];
  backend.before = (id, { image }) => {
    if (id === "blur") sides.push(Math.max(...image!.dims));
  };
  backend.extent = 0.6;
  await restorer.restore(LARGE, { task: "blur" });
  assert.ok(sides[0]! <= 400, `${sides}`);
  sides.length = 0;
  backend.extent = 0.1;
  const { severity } = await restorer.restore(LARGE, { task: "blur" });
  assert.ok(sides[0]! > 900, `${sides}`);
  assert.ok(Math.abs(severity - 0.1) < 0.01);
});
