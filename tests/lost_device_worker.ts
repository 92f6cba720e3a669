/** The Worker of a backend, whose WebGPU device is lost a second after it was given. */
const { prototype } = GPUAdapter;
const requestDevice = prototype.requestDevice;
prototype.requestDevice = async function (descriptor): Promise<GPUDevice> {
  const device = await requestDevice.call(this, descriptor);
  setTimeout(() => device.destroy(), 1000);
  return device;
};

await import("../lib/backend/worker.ts");
