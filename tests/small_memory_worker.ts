/** The Worker of a backend, whose WebGPU device refuses our buffers for tiles of more than 128 by 128 pixels. */
const { prototype } = GPUDevice;
const createBuffer = prototype.createBuffer;
prototype.createBuffer = function (descriptor): GPUBuffer {
  const tooLarge = descriptor.label === "image" &&
    descriptor.size > 12 * 128 * 128;
  return createBuffer.call(
    this,
    tooLarge ? { ...descriptor, size: 2 ** 50 } : descriptor,
  );
};

await import("../lib/runtime/worker.ts");
