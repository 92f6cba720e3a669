import assert from "node:assert/strict";
import { gpuTest, refusing } from "../../../../tests/gpu_test.ts";
import { photograph } from "../../../../tests/photographs.ts";
import { pack } from "../../../pixels/planes.ts";
import { GpuImages } from "./gpu_images.ts";

const IMAGE = await pack(photograph(20, 10));
const SIZE = { width: 20, height: 10 };

gpuTest("an image is sent once, and stays for the next", async ({
  device,
}) => {
  const images = new GpuImages(device, 2 ** 20);
  const image = images.put(IMAGE);
  assert.equal(images.size, 0);
  const first = await images.hold(image);
  images.release(image);
  assert.equal(await images.hold(image), first);
  images.release(image);
  assert.equal(await images.fetch(image), IMAGE);
  images.free(image);
  assert.equal(images.size, 0);
});

gpuTest("an image that the device makes is read back once", async ({
  device,
}) => {
  const images = new GpuImages(device, 2 ** 20);
  const image = images.put(IMAGE);
  const copy = await images.make(SIZE, [image], (output, [input]) => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(input!, 0, output, 0, image.bytes);
    device.queue.submit([encoder.finish()]);
  });
  assert.deepEqual([image.holders, copy.holders, images.size], [0, 0, 2]);
  const pixels = new Uint8ClampedArray(IMAGE.data);
  assert.deepEqual(await images.copy(copy), pixels);
  assert.deepEqual(await images.copy(image), pixels);
  const fetched = await images.fetch(copy);
  assert.deepEqual(fetched.pixels, IMAGE.pixels);
  assert.deepEqual([fetched.width, fetched.height], [20, 10]);
  assert.equal(await images.fetch(copy), fetched);
});

gpuTest(
  "an image fits up to the bytes of a binding and the side that shaders can multiply",
  ({
    device,
  }) => {
    const images = new GpuImages(device, 4 * 65_536);
    assert.ok(images.fits({ width: 256, height: 256 }));
    assert.ok(!images.fits({ width: 256, height: 257 }));
    assert.ok(images.fits({ width: 65_535, height: 1 }));
    assert.ok(!images.fits({ width: 65_536, height: 1 }));
    assert.ok(!images.fits({ width: 1, height: 65_536 }));
    return Promise.resolve();
  },
);

gpuTest("what could not be made leaves nothing behind", async ({ device }) => {
  const images = new GpuImages(device, 2 ** 20);
  const image = images.put(IMAGE);
  await assert.rejects(
    images.make(SIZE, [image], () => Promise.reject(new Error("no"))),
    { message: "no" },
  );
  assert.deepEqual([image.holders, images.size], [0, 1]);
});

gpuTest(
  "where memory is short, images with which nobody works are moved to ordinary memory",
  async (bench) => {
    const { device } = refusing(bench, "image 3", 1);
    const images = new GpuImages(device, 2 ** 20);
    const [held, idle] = [images.put(IMAGE), images.put(IMAGE)];
    await images.hold(held);
    const copy = (output: GPUBuffer, [input]: readonly GPUBuffer[]): void => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(input!, 0, output, 0, idle.bytes);
      device.queue.submit([encoder.finish()]);
    };
    const made = await images.make(SIZE, [idle], copy);
    const next = await images.make(SIZE, [held], copy);
    assert.deepEqual([images.size, made.buffer], [2, null]);
    assert.deepEqual(made.raster!.pixels, IMAGE.pixels);
    assert.deepEqual(
      await images.copy(next),
      new Uint8ClampedArray(IMAGE.data),
    );
    assert.ok(await images.hold(made));
  },
);

gpuTest("what the device cannot do is told at once", async ({ device }) => {
  const images = new GpuImages(device, 2 ** 20);
  const image = images.put(IMAGE);
  await assert.rejects(
    images.make(SIZE, [image], (output, [input]) => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(input!, 0, output, 0, 2 ** 20);
      device.queue.submit([encoder.finish()]);
    }),
    { code: "device-failed" },
  );
  assert.deepEqual([image.holders, images.size], [0, 1]);
});
