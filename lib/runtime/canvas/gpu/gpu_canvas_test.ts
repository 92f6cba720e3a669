/** A canvas on a GPU against one on arrays, both with networks of the same plain arithmetic. */
import assert from "node:assert/strict";
import {
  type GpuBench,
  gpuOf,
  gpuTest,
  refusing,
} from "../../../../tests/gpu_test.ts";
import {
  mask as noiseMask,
  photograph,
} from "../../../../tests/photographs.ts";
import type { Tensor } from "../../backend.ts";
import type { GpuTensor } from "../../gpu_tensor.ts";
import type { Network, OnnxNetwork } from "../../onnx_network.ts";
import { pack } from "../../../pixels/planes.ts";
import { type Size, TilePlan } from "../../../tiling/tile_plan.ts";
import { type Task, TASKS } from "../../../types.ts";
import type { Gpu } from "./gpu.ts";
import type { GpuImage } from "./gpu_image.ts";
import { ArrayCanvas } from "../array_canvas.ts";
import { ARRAY_OPERATIONS } from "../array_operations.ts";
import { GpuOperations } from "./gpu_operations.ts";
import type { ImageOperations } from "../image_operations.ts";
import type { ReducedCanvas } from "../downscaled_canvas.ts";

type Feeds = Readonly<Record<string, Tensor>>;

/** Every output depends on every input. */
function calculate(feeds: Feeds): Record<string, Tensor> {
  const { image, mask, thumb, thumb_mask } = feeds;
  const [, , h, w] = image!.dims as [number, number, number, number];
  const size = h * w;
  const mean = (t: Tensor): number =>
    t.data.reduce((a, b) => a + b, 0) / t.data.length;
  if (mask === undefined) {
    const shade = thumb === undefined ? 0 : mean(thumb);
    const cells = size / 256;
    const masks = new Float32Array(CHANNELS.length * size);
    for (let i = 0; i < masks.length; i++) {
      masks[i] = Math.abs(image!.data[i % (3 * size)]! - shade);
    }
    const dims = [1, CHANNELS.length, h / 16, w / 16];
    const evidence = Float32Array.from(
      { length: CHANNELS.length * cells },
      (_, i) => image!.data[i]! + shade,
    );
    return {
      mask: { data: masks, dims: [1, CHANNELS.length, h, w] },
      evidence: { data: evidence, dims },
      attention: { data: evidence.map((v) => 1 - v), dims },
    };
  }
  const shade = mean(thumb!) + mean(thumb_mask!);
  const sixteenth = Float32Array.from(
    { length: size / 4 },
    (_, i) => image!.data[i % (3 * size)]! - mask.data[i % size]! + shade,
  );
  const restored = image!.data.map((v, i) =>
    1.2 * v - 0.3 * mask.data[i % size]! + 0.1 * shade
  );
  return {
    restored: { data: restored, dims: image!.dims },
    correction: { data: sixteenth, dims: [1, 4, h / 4, w / 4] },
  };
}

const ON_ARRAYS: Network = {
  id: "arithmetic",
  run: (feeds) => Promise.resolve(calculate(feeds)),
};

/** The same on buffers: read back, calculated, sent again. */
function onBuffers({ memory }: GpuBench): OnnxNetwork {
  let runs = 0;
  return {
    id: "arithmetic",
    async runOnGpu(
      feeds: Readonly<Record<string, GpuTensor>>,
      _: unknown,
      use: (outputs: Record<string, unknown>) => Promise<unknown>,
    ): Promise<unknown> {
      const tensors: Record<string, Tensor> = {};
      for (const [name, { buffer, dims }] of Object.entries(feeds)) {
        const bytes = 4 * dims.reduce((a, b) => a * b, 1);
        const data = new Float32Array(
          (await memory.read(buffer, bytes)).buffer,
        );
        tensors[name] = { data, dims };
      }
      const outputs: Record<string, unknown> = {};
      for (const [name, { data }] of Object.entries(calculate(tensors))) {
        outputs[name] = {
          gpuBuffer: await memory.upload(`${name} ${runs++ % 2}`, data),
          getData: () => Promise.resolve(data),
        };
      }
      return await use(outputs);
    },
  } as unknown as OnnxNetwork;
}

const IMAGE = await pack(photograph(150, 230));
const USER = noiseMask(150, 230, 9);
/** More than there are tasks, in another order. */
const CHANNELS = ["fog", "haze", "blur", "dust", "rain", "raindrop"];
const CUT = { tile: 64, halo: 16 };
const RAMP = { threshold: 0.35, softness: 0.2, strength: 0.8 };

interface Result {
  readonly data: Uint8ClampedArray;
  readonly evidence: number[];
  readonly mask: Uint8Array;
  readonly tiles: readonly unknown[];
}

async function restore<N, I extends Size>(
  operations: ImageOperations<N, I>,
  network: N,
  tasks: readonly Task[],
  user: boolean,
): Promise<Result> {
  const evidence: number[] = [];
  const image = operations.put(IMAGE);
  const canvas = await operations.open(image);
  await canvas.beginMasks(CUT, { channels: CHANNELS, kept: tasks });
  const plan = new TilePlan(150, 230, CUT);
  for (const [line, { tiles }] of [...plan.lines()].entries()) {
    for (const tile of tiles.keys()) {
      await (tasks.length > 0
        ? canvas.maskTile({ line, tile }, network)
        : canvas.evidenceTile({ line, tile }, network));
    }
  }
  for (const { evidence: found, attention } of await canvas.evidence()) {
    evidence.push(...found, ...attention);
  }
  assert.deepEqual(await canvas.evidence(), []);
  if (tasks.length === 0) await canvas.fillMask("haze", 0.7);
  const { data: mask, counts } = await canvas.mask("haze");
  assert.equal(counts.reduce((a, b) => a + b), mask.length);
  const tiles = await canvas.beginRestore(CUT, {
    task: "haze",
    curve: RAMP,
    user: user ? USER : null,
  });
  for (const tile of tiles) await canvas.restoreTile(tile, network);
  const restored = await canvas.composite();
  await canvas.close();
  const data = await operations.read(restored);
  for (const made of [restored, image]) operations.free(made);
  return { data, evidence, mask, tiles };
}

const KINDS = {
  "": (bench: GpuBench): Gpu => gpuOf(bench),
  ", an image larger than a binding": (bench: GpuBench): Gpu =>
    gpuOf(bench, 4 * 150 * 100),
  ", no memory for its restoration": (bench: GpuBench): Gpu =>
    gpuOf(refusing(bench, "image 1")),
};

for (const [kind, open] of Object.entries(KINDS)) {
  for (
    const [tasks, user] of [
      [TASKS, true],
      [["haze"], false],
      [[], true],
    ] as const
  ) {
    gpuTest(
      `GpuCanvas is ArrayCanvas: ${tasks.length} masks${kind}`,
      async (bench) => {
        const gpu = open(bench);
        const expected = await restore(
          ARRAY_OPERATIONS,
          ON_ARRAYS,
          tasks,
          user,
        );
        const actual = await restore(
          new GpuOperations(gpu),
          onBuffers(bench),
          tasks,
          user,
        );
        assert.equal(gpu.images.size, 0);
        assert.deepEqual(actual.tiles, expected.tiles);
        assert.ok(actual.tiles.length > 1);
        const near = (
          a: ArrayLike<number>,
          b: ArrayLike<number>,
          limit: number,
        ): void => {
          assert.equal(a.length, b.length);
          for (let i = 0; i < a.length; i++) {
            assert.ok(Math.abs(a[i]! - b[i]!) <= limit, `${a[i]}, ${b[i]}`);
          }
        };
        near(actual.evidence, expected.evidence, 1e-5);
        near(actual.mask, expected.mask, 1);
        near(actual.data, expected.data, 1);
        const changed = expected.data.filter((v, i) => v !== IMAGE.data[i]);
        assert.ok(changed.length > 1000);
      },
    );
  }
}

gpuTest(
  "GpuCanvas is ArrayCanvas: a correction of the whole",
  async (bench) => {
    const operations = new GpuOperations(gpuOf(bench));
    const gpu = await operations.open(
      operations.put(IMAGE),
    ) as ReducedCanvas<OnnxNetwork, GpuImage>;
    const array = new ArrayCanvas(IMAGE);
    const expected = await array.correction(USER, ON_ARRAYS);
    const actual = await gpu.correction(USER, onBuffers(bench));
    await gpu.close();
    assert.deepEqual([expected.width, expected.height], [40, 60]);
    assert.deepEqual([actual.width, actual.height], [40, 60]);
    assert.equal(actual.data.length, 4 * 40 * 60);
    actual.data.forEach((value, i) =>
      assert.ok(Math.abs(value - expected.data[i]!) < 1e-5)
    );
  },
);
