import assert from "node:assert/strict";
import { countGpu } from "./gpu_counter.ts";

const adapter = await navigator.gpu?.requestAdapter() ?? null;

Deno.test("countGpu: what is handed over, since the last look", {
  ignore: !adapter,
}, async () => {
  const device = await adapter!.requestDevice();
  const look = countGpu();
  const from = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const to = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(from, 0, new Float32Array(4));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, to, 0, 16);
  device.queue.submit([encoder.finish()]);
  await to.mapAsync(GPUMapMode.READ);
  const { calls, ...counts } = look();
  assert.deepEqual(counts, {
    kernels: 0,
    passes: 0,
    clears: 0,
    submissions: 1,
    copies: 1,
    sent: 16,
    fetched: 16,
    waits: 1,
  });
  // Two buffers, a write, an encoder, a copy, its end, a submission, a read.
  assert.equal(calls, 8);
  assert.ok(Object.values(look()).every((count) => count === 0));
  device.destroy();
});
