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
  const none = { kernels: 0, submissions: 0, copies: 0, sent: 0, fetched: 0 };
  assert.deepEqual(look(), {
    ...none,
    submissions: 1,
    copies: 1,
    sent: 16,
    fetched: 16,
  });
  assert.deepEqual(look(), none);
  device.destroy();
});
