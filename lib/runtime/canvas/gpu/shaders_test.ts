/** The shaders against their twins on arrays. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gpuOf, gpuTest, refusing } from "../../../../tests/gpu_test.ts";
import { noise } from "../../../../tests/tiny_onnx.ts";
import { BlendWeights, weightByByte } from "../../../pixels/mask.ts";
import {
  mask as noiseMask,
  photograph,
} from "../../../../tests/photographs.ts";
import { maskPlane, pack, rgbPlanes } from "../../../pixels/planes.ts";
import { TileBlend } from "../../../tiling/tile_blend.ts";
import { type Rectangle, TilePlan } from "../../../tiling/tile_plan.ts";
import { composite, quantise } from "../array_canvas.ts";
import { enlargeMask } from "../../../pixels/bilinear.ts";
import { correct } from "../../../pixels/color_correction.ts";
import { refine } from "../../../pixels/refine.ts";
import { reduceImage } from "../../../pixels/reduce.ts";
import { maxDifference } from "../../../codecs/test_images.ts";
import { samplesOf } from "../../../pixels/samples.ts";
import { maskThumbnail, THUMB, thumbnail } from "../../../pixels/thumbnail.ts";
import { GpuBufferPool } from "./gpu_buffer_pool.ts";
import { type GpuKernels, inLines } from "./gpu_kernels.ts";
import { GpuMaskRows, wordsOf } from "./gpu_mask_rows.ts";
import { GpuOperations } from "./gpu_operations.ts";

/** What GPUs may be off by, in values of 0..1. */
const ROUNDING = 1e-6;

function row({ x, y, width, height }: Rectangle): number[] {
  return [x, y, width, height];
}

async function floats(
  memory: GpuBufferPool,
  buffer: GPUBuffer,
  count: number,
): Promise<Float32Array> {
  return new Float32Array((await memory.read(buffer, 4 * count)).buffer);
}

function assertClose(actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length);
  const farthest = actual.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
    0,
  );
  assert.ok(farthest <= ROUNDING, `off by ${farthest}`);
}

/** Tiles inside the image and beyond its borders, on all of it and on a band of it. */
const PLACES: [Rectangle, Rectangle][] = [
  [{ x: 0, y: 0, width: 70, height: 45 }, {
    x: 16,
    y: 0,
    width: 32,
    height: 32,
  }],
  [{ x: 0, y: 0, width: 70, height: 45 }, {
    x: 32,
    y: 16,
    width: 64,
    height: 64,
  }],
  [{ x: 30, y: 10, width: 40, height: 35 }, {
    x: 32,
    y: 16,
    width: 48,
    height: 32,
  }],
];

/** The part of some values of an image 70 wide. */
function cut<T extends Uint32Array | Uint8Array>(
  values: T,
  band: Rectangle,
): T {
  const rows = Array.from({ length: band.height }, (_, y) => {
    const from = (band.y + y) * 70 + band.x;
    return [...values.subarray(from, from + band.width)];
  });
  const type = values.constructor as new (data: number[]) => T;
  return new type(rows.flat());
}

gpuTest("cut_image is rgbPlanes", async ({ kernels, memory }) => {
  const image = await pack(photograph(70, 45));
  for (const [band, tile] of PLACES) {
    const planes = await memory.buffer("planes", 12 * tile.width * tile.height);
    kernels.run(
      "cut-image",
      [row(band), row(tile), [70, 45]],
      [await memory.upload("pixels", cut(image.pixels, band)), planes],
      [tile.width, tile.height],
    );
    const count = 3 * tile.width * tile.height;
    assertClose(await floats(memory, planes, count), rgbPlanes(image, tile));
  }
});

gpuTest("cut_mask is maskPlane", async ({ kernels, memory }) => {
  const mask = noiseMask(70, 45);
  for (const [band, tile] of PLACES) {
    const plane = await memory.buffer("plane", 4 * tile.width * tile.height);
    kernels.run(
      "cut-mask",
      [row(band), row(tile), [70, 45]],
      [await memory.upload("mask", cut(mask.data, band)), plane],
      [tile.width, tile.height],
    );
    const count = tile.width * tile.height;
    assertClose(await floats(memory, plane, count), maskPlane(mask, tile));
  }
});

gpuTest(
  "carry, add_tile, quantise and composite are TileBlend and what follows",
  async ({ kernels, memory }) => {
    const [width, height] = [150, 200];
    const image = await pack(photograph(width, height));
    const whole = { x: 0, y: 0, width, height };
    const mask = noiseMask(width, height, 3);
    const user = noiseMask(width, height, 4);
    const curve = { threshold: 0.2, softness: 0.3, strength: 0.9 };
    const plan = new TilePlan(width, height, { tile: 64, halo: 16 });
    const blend = new TileBlend(plan, 3);
    const weights = new BlendWeights(mask, curve, user);
    const expected = new Uint8ClampedArray(image.data);
    const planes = [0, 1, 2].map(() => new Uint8ClampedArray(width * height));
    const undefinedValues = await memory.upload("none", new Uint32Array(1));
    const inputs = [
      await memory.upload("mask", mask.data),
      await memory.upload("user", user.data),
      await memory.upload("shares", weightByByte(curve)),
      await memory.upload("pixels", image.pixels),
    ];
    let old: { area: Rectangle; sums: GPUBuffer } | null = null;
    let seed = 0;
    for (const [i, line] of [...plan.lines()].entries()) {
      const { span, done } = line;
      blend.begin(line);
      const sums = await memory.buffer(
        `sums ${i % 2}`,
        12 * span.width * span.height,
      );
      kernels.run(
        "carry-overlap",
        [row(old?.area ?? span), row(span), [3, old === null ? 0 : 1]],
        [old?.sums ?? await memory.buffer("sums 1", 16), sums],
        [span.width, span.height],
      );
      old = { area: span, sums };
      for (const tile of line.tiles) {
        // More channels than are taken, and values beyond 0..1.
        const size = tile.width * tile.height;
        const values = noise(4 * size, 0.7, ++seed).map((v) => v + 0.5);
        blend.add(tile, values.subarray(size));
        const weights = new Float32Array([
          ...plan.x.weights(tile.column),
          ...plan.y.weights(tile.row),
        ]);
        kernels.run(
          "add-tile",
          [row(span), row(tile), row(tile.span), [3, 1]],
          [
            await memory.upload("values", values),
            await memory.upload("weights", weights),
            sums,
            undefinedValues,
          ],
          [tile.span.width, tile.span.height],
        );
      }
      assertClose(
        await floats(memory, sums, 3 * span.width * span.height),
        blend.sums().data,
      );
      const bytes = 4 * done.width * done.height;
      const words = Math.ceil(done.width * done.height / 4);
      // After the planes of another row.
      const packed = await memory.buffer("packed", 12 * words + 28);
      kernels.run(
        "quantise",
        [row(span), row(done), [3, 7]],
        [sums, packed],
        inLines(words),
      );
      quantise(blend.sums(), done, planes, width);
      const masks = (await memory.read(packed, 12 * words + 28)).subarray(28);
      const output = await memory.buffer("output", bytes);
      kernels.run(
        "composite",
        [row(span), row(done), row(whole), row(done), [1]],
        [sums, ...inputs, output],
        [done.width, done.height],
      );
      composite(blend.sums(), done, image, weights, expected);
      const result = await memory.read(output, bytes);
      for (let y = 0; y < done.height; y++) {
        for (let x = 0; x < done.width; x++) {
          const here = y * done.width + x;
          const there = (done.y + y) * width + done.x + x;
          for (let c = 0; c < 4; c++) {
            const step = result[4 * here + c]! - expected[4 * there + c]!;
            // Halves may round either way.
            assert.ok(
              Math.abs(step) <= 1,
              `${step} at ${x}, ${y}, ${c}: ${result[4 * here + c]}, ${
                expected[4 * there + c]
              }, ${image.data[4 * there + c]} by ${weights.at(there)}`,
            );
            if (c < 3) {
              const found = masks[4 * words * c + here]!;
              assert.ok(Math.abs(found - planes[c]![there]!) <= 1);
            }
            if (weights.at(there) === 0) assert.equal(step, 0);
          }
        }
      }
    }
    assert.deepEqual(await memory.read(undefinedValues, 4), new Uint8Array(4));
  },
);

gpuTest("add_tile counts what is no number", async ({ kernels, memory }) => {
  const tile = { x: 0, y: 0, width: 16, height: 16 };
  const values = noise(256);
  values[7] = NaN;
  values[9] = Infinity;
  values[200] = -Infinity;
  const undefinedValues = await memory.upload("none", new Uint32Array(1));
  kernels.run(
    "add-tile",
    [row(tile), row(tile), row(tile), [1, 0]],
    [
      await memory.upload("values", values),
      await memory.upload("weights", new Float32Array(32).fill(1)),
      await memory.upload("sums", new Float32Array(256)),
      undefinedValues,
    ],
    [16, 16],
  );
  const found = new Uint32Array((await memory.read(undefinedValues, 4)).buffer);
  assert.deepEqual([...found], [3]);
});

gpuTest(
  "memory that is not there is said so, and the rest stays usable",
  async ({ device, memory }) => {
    // One that cannot be made, and one that could not be bound.
    const limit = 4 + device.limits.maxStorageBufferBindingSize;
    await assert.rejects(memory.buffer("huge", limit), {
      code: "out-of-memory",
    });
    await assert.rejects(memory.buffer("huge", 2 ** 42), {
      code: "out-of-memory",
      message:
        "The GPU has no 4194304 MB left for the huge; use smaller tiles or another device.",
    });
    const bytes = Uint8Array.from({ length: 21 }, (_, i) => i + 1);
    const buffer = await memory.upload("odd", bytes);
    assert.deepEqual(await memory.read(buffer, 21), bytes);
  },
);

gpuTest("reduce is reduceImage", async (gpu) => {
  const image = await pack(photograph(70, 45));
  const operations = new GpuOperations(gpuOf(gpu));
  const from = operations.put(image);
  for (const size of [[35, 23], [9, 6], [1, 1], [70, 45]] as const) {
    const [width, height] = size;
    const found = await operations.reduce(from, { width, height });
    const wanted = reduceImage(image, { width, height });
    assert.deepEqual([found.width, found.height], size);
    const data = await operations.read(found);
    assert.equal(maxDifference(data, opaque(wanted.data)), 0);
  }
});

gpuTest(
  "thumbnail is thumbnail, of a mask maskThumbnail",
  async ({ kernels, memory }) => {
    for (const [width, height] of [[70, 45], [301, 128], [1, 700]] as const) {
      const image = await pack(photograph(width, height));
      const mask = noiseMask(width, height);
      const thumbOf = async (
        values: Uint32Array | Uint8Array,
        channels: 1 | 3,
      ): Promise<Float32Array> => {
        const count = channels * THUMB * THUMB;
        const means = await memory.buffer(`thumb ${channels}`, 4 * count);
        kernels.run(
          "thumbnail",
          [[width, height], [THUMB, channels]],
          [await memory.upload("values", values), means],
          [THUMB, THUMB],
        );
        return await floats(memory, means, count);
      };
      assertClose(await thumbOf(image.pixels, 3), thumbnail(image));
      assertClose(await thumbOf(mask.data, 1), maskThumbnail(mask));
    }
  },
);

gpuTest("refine is its twin, and leaves what the mask leaves", async (gpu) => {
  const finer = await pack(photograph(70, 45));
  const coarser = reduceImage(finer, { width: 35, height: 23 });
  const restored = await pack(photograph(35, 23, 7));
  const mask = noiseMask(35, 23);
  mask.data.fill(0, 0, 35 * 9);
  const weights = weightByByte({
    threshold: 0.05,
    softness: 0.2,
    strength: 0.9,
  });
  const given = { finer, coarser, restored, mask, weights };
  const operations = new GpuOperations(gpuOf(gpu));
  const found = await operations.refine({
    ...given,
    finer: operations.put(finer),
    coarser: operations.put(coarser),
    restored: operations.put(restored),
  });
  const image = await operations.read(found.image);
  const wanted = refine(given);
  assertNear(image, wanted.image.data);
  assertNear(found.mask.data, wanted.mask.data);
  assert.equal(
    maxDifference(
      image.subarray(0, 280 * 15),
      finer.data.subarray(0, 280 * 15),
    ),
    0,
  );
});

gpuTest("enlarge is enlargeMask", async (gpu) => {
  const operations = new GpuOperations(gpuOf(gpu));
  const mask = noiseMask(35, 23);
  for (const [width, height] of [[70, 46], [35, 23], [300, 31]] as const) {
    const found = await operations.enlarge(mask, { width, height });
    const wanted = enlargeMask(mask, { width, height });
    assert.deepEqual([found.width, found.height], [width, height]);
    assertNear(found.data, wanted.data);
  }
});

gpuTest("correct is its twin where it stretches contrast", async (gpu) => {
  const operations = new GpuOperations(gpuOf(gpu));
  const image = await pack(photograph(150, 90));
  const data = noise(4 * 16 * 12, 0.3);
  // From no stretching to more than three times.
  for (let i = 3 * 16 * 12; i < data.length; i++) data[i] = -0.02 * (i % 160);
  const given = {
    seen: { width: 61, height: 37 },
    correction: { width: 16, height: 12, data },
    mask: noiseMask(150, 90),
    curve: FULL,
    user: null,
  };
  const found = await operations.read(
    await operations.correct(operations.put(image), given),
  );
  assertNear(found, correct(image, given).data);
});

gpuTest("correct averages noise as its twin does", async (gpu) => {
  const operations = new GpuOperations(gpuOf(gpu));
  const [width, height] = [90, 70];
  const { data: noisy } = photograph(width, height);
  // Of few levels: all pixels around one count, by how little they differ.
  const image = await pack({
    width,
    height,
    data: noisy.map((value) => 100 + value % 6),
  });
  const data = new Float32Array(4 * 16 * 12);
  for (let i = 0; i < 192; i++) {
    // From no stretching to more than three times, about that colour.
    const k = -0.02 * (i % 160);
    for (let c = 0; c < 3; c++) data[192 * c + i] = -k * (1 - 102 / 255);
    data[192 * 3 + i] = k;
  }
  const given = {
    seen: { width: 61, height: 45 },
    correction: { width: 16, height: 12, data },
    mask: { width, height, data: new Uint8Array(width * height).fill(255) },
    curve: FULL,
    user: null,
  };
  const found = await operations.read(
    await operations.correct(operations.put(image), given),
  );
  const wanted = correct(image, given).data;
  assertNear(found, wanted);
  const apart = found.filter((value, i) => value !== wanted[i]).length;
  assert.ok(apart < found.length / 200, `${apart} of ${found.length} apart`);
});

for (const limited of [false, true]) {
  gpuTest(
    `correct is its twin${limited ? ", limited by the caller's mask" : ""}`,
    async (gpu) => {
      const operations = new GpuOperations(gpuOf(gpu));
      const image = await pack(photograph(150, 90));
      const given = {
        seen: { width: 61, height: 37 },
        correction: { width: 16, height: 12, data: noise(4 * 16 * 12, 0.3) },
        mask: noiseMask(150, 90),
        curve: { threshold: 0.4, softness: 0.2, strength: 0.9 },
        user: limited ? noiseMask(150, 90, 8) : null,
      };
      const found = await operations.read(
        await operations.correct(operations.put(image), given),
      );
      const wanted = correct(image, given);
      assertNear(found, wanted.data);
      const pixels = new Uint32Array(found.buffer);
      const { mask, curve, user } = given;
      const weights = new BlendWeights(mask, curve, user);
      const kept = image.pixels.filter((v, i) =>
        weights.at(i) === 0 && pixels[i] === v
      );
      assert.equal(
        kept.length,
        image.pixels.filter((_, i) => weights.at(i) === 0).length,
      );
      assert.ok(
        kept.length > 1000 && maxDifference(found, image.data) > 9,
      );
    },
  );
}

gpuTest(
  "a step for which memory does not suffice is taken in memory",
  async (gpu) => {
    const operations = new GpuOperations(gpuOf(refusing(gpu, "mask")));
    const image = await pack(photograph(70, 45));
    const small = noiseMask(35, 23);
    const found = await operations.enlarge(small, image);
    const wanted = enlargeMask(small, image);
    assert.equal(maxDifference(found.data, wanted.data), 0);
    const given = {
      seen: { width: 64, height: 41 },
      correction: { width: 16, height: 12, data: noise(4 * 16 * 12, 0.3) },
      mask: wanted,
      curve: FULL,
      user: null,
    };
    const corrected = await operations.correct(operations.put(image), given);
    const data = await operations.read(corrected);
    assert.equal(maxDifference(data, correct(image, given).data), 0);
  },
);

gpuTest(
  "a step that fails for want of anything else is not taken in memory",
  async (gpu) => {
    const kernels = {
      run: () => {
        throw new Error("broken");
      },
    } as unknown as GpuKernels;
    const on = gpuOf({ ...gpu, kernels });
    const operations = new GpuOperations(on);
    const image = operations.put(await pack(photograph(70, 45)));
    const reducing = operations.reduce(image, { width: 35, height: 23 });
    await assert.rejects(reducing, /broken/);
    assert.equal(on.images.size, 1);
  },
);

gpuTest(
  "where a buffer cannot be made, images make room, and it is tried again",
  async (gpu) => {
    const on = gpuOf(gpu);
    const image = on.images.put(await pack(photograph(70, 45)));
    await on.images.hold(image);
    on.images.release(image);
    const { device } = refusing(gpu, "weights", 1);
    const memory = new GpuBufferPool(device, () => on.images.makeRoom());
    assert.ok(await memory.buffer("weights", 64));
    assert.equal(on.images.size, 0);
    memory.free();
  },
);

gpuTest("sample is samplesOf", async (gpu) => {
  const operations = new GpuOperations(gpuOf(gpu));
  for (const [width, height] of [[70, 45], [1000, 801], [16, 900]] as const) {
    const image = await pack(photograph(width, height));
    const found = await operations.sample(operations.put(image));
    const wanted = samplesOf(image);
    assert.deepEqual([found.width, found.height], [
      wanted.width,
      wanted.height,
    ]);
    const data = await operations.read(found);
    assert.equal(maxDifference(data, wanted.data), 0);
  }
});

gpuTest("what is larger than a binding is worked on in memory", async (gpu) => {
  const on = gpuOf(gpu, 4 * 35 * 23);
  const operations = new GpuOperations(on);
  const image = await pack(photograph(70, 45));
  const finer = operations.put(image);
  const coarser = await operations.reduce(finer, { width: 35, height: 23 });
  const mended = await pack(photograph(35, 23, 7));
  const restored = operations.put(mended);
  const given = { mask: noiseMask(35, 23), weights: weightByByte(FULL) };
  const found = await operations.refine({
    ...given,
    finer,
    coarser,
    restored,
  });
  const wanted = refine({
    ...given,
    finer: image,
    coarser: reduceImage(image, { width: 35, height: 23 }),
    restored: mended,
  });
  const data = await operations.read(found.image);
  assert.equal(maxDifference(data, wanted.image.data), 0);
  assert.equal(on.images.size, 0);
});

const FULL = { threshold: 0.05, softness: 0.2, strength: 1 };

gpuTest(
  "more than is read at once comes in its order, pieces of words too",
  async ({ memory }) => {
    const large = 16 * 2 ** 20 + 21;
    const parts = [5, large, 3, 8].map((length, seed) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 4093) bytes[i] = i + seed;
      bytes.fill(9 + seed, -3);
      return bytes;
    });
    const readings = [];
    for (const [i, bytes] of parts.entries()) {
      const source = await memory.upload(`part ${i}`, bytes);
      const result = new Uint8Array(bytes.length);
      readings.push({ source, bytes: bytes.length, result });
    }
    await memory.readAll(readings);
    for (const [i, { result }] of readings.entries()) {
      assert.ok(Buffer.compare(result, parts[i]!) === 0, `part ${i}`);
    }
  },
);

gpuTest(
  "masks of more rows than the device keeps are read in between",
  async ({ device, memory }) => {
    const [width, height] = [2051, 2048];
    const planes = [1, 2].map(() => ({
      width,
      height,
      data: new Uint8Array(width * height),
    }));
    const areas = [0, 1024].map((y) => ({ x: 0, y, width, height: 1024 }));
    const channels = [planes[0]!, null, null, null, null, planes[1]!];
    const rows = new GpuMaskRows(memory, channels, areas);
    for (const [i, area] of areas.entries()) {
      const { buffer, at } = await rows.room(area);
      for (const c of [0, 5]) {
        const bytes = new Uint8Array(4 * wordsOf(area)).fill(1 + c + i);
        const to = 4 * (at + c * wordsOf(area));
        device.queue.writeBuffer(buffer, to, bytes);
      }
    }
    await rows.read();
    for (const [k, { data }] of planes.entries()) {
      const half = width * 1024;
      const first = 1 + 5 * k;
      assert.ok(data.subarray(0, half).every((value) => value === first));
      assert.ok(data.subarray(half).every((value) => value === first + 1));
    }
  },
);

/** Mostly the same; where a value lies between two bytes, one apart. */
function assertNear(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  assert.equal(found.length, wanted.length);
  let apart = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - wanted[i]!);
    assert.ok(difference <= 1, `${found[i]}, not ${wanted[i]}, at ${i}`);
    if (difference > 0) apart++;
  }
  assert.ok(apart < found.length / 10, `${apart} of ${found.length} apart`);
}

function opaque(data: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(data, (value, i) => i % 4 === 3 ? 255 : value);
}
