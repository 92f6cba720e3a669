import assert from "node:assert/strict";
import { type GpuBench, gpuTest } from "../../../tests/gpu_test.ts";
import { GpuImages } from "./gpu_images.ts";

const PIXELS = Uint32Array.of(1, 2, 3, 4);

async function pixelsOf(
  { memory }: GpuBench,
  buffer: GPUBuffer,
): Promise<Uint32Array> {
  return new Uint32Array((await memory.read(buffer, 16)).buffer);
}

gpuTest("an image is sent once, and stays for the next", async (bench) => {
  const images = new GpuImages(bench.device);
  const first = await images.hold(1, PIXELS);
  images.release(1);
  // What is on the device already is not looked at again.
  const again = await images.hold(1, new Uint32Array(4));
  assert.equal(again, first);
  assert.deepEqual(await pixelsOf(bench, again), PIXELS);
  assert.equal(images.free(), 0);
  images.release(1);
  assert.equal(images.free(), 1);
  assert.equal(images.size, 0);
});

gpuTest("an image that the device makes is there for others", async (bench) => {
  const images = new GpuImages(bench.device);
  const made = await images.make(5, 16);
  bench.device.queue.writeBuffer(made, 0, PIXELS);
  images.release(5);
  const found = await images.hold(5, new Uint32Array(4));
  assert.deepEqual(await pixelsOf(bench, found), PIXELS);
  images.release(5);
  images.free();
});

gpuTest("the image used longest ago goes first, unless it is held", async ({
  device,
}) => {
  const images = new GpuImages(device);
  for (const number of [1, 2, 3]) await images.hold(number, PIXELS);
  for (const number of [2, 3]) images.release(number);
  await images.hold(2, PIXELS);
  images.release(2);
  assert.equal(images.free(32), 1); // 3
  assert.equal(images.size, 2);
  assert.equal(images.free(16), 1); // 2
  assert.equal(images.free(), 0);
  images.release(1);
  assert.equal(images.free(), 1);
});

gpuTest("where memory is short, images that nobody holds make room", async ({
  device,
}) => {
  const images = new GpuImages(device);
  await images.hold(1, PIXELS);
  images.release(1);
  const most = device.limits.maxStorageBufferBindingSize;
  await assert.rejects(images.make(2, 4 + most), { code: "out-of-memory" });
  assert.equal(images.size, 0);
});
