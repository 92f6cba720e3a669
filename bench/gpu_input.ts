/** Inputs of bare sessions that are on the GPU already. */
import type { OnnxRuntime, OnnxTensor } from "../deps.ts";

/** Sends numbers to a buffer of their own. */
export function gpuInput(
  ort: OnnxRuntime,
  gpu: GPUDevice,
  data: Float32Array<ArrayBuffer>,
  dims: readonly number[],
): OnnxTensor {
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = gpu.createBuffer({
    size: data.byteLength,
    usage: STORAGE | COPY_DST,
  });
  gpu.queue.writeBuffer(buffer, 0, data);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
}
