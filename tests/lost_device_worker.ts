/** The Worker of a backend, whose WebGPU device is lost when the second run is asked for. */
const { prototype } = GPUAdapter;
const requestDevice = prototype.requestDevice;
let device: GPUDevice;
prototype.requestDevice = async function (descriptor): Promise<GPUDevice> {
  device = await requestDevice.call(this, descriptor);
  return device;
};

await import("../lib/backend/worker.ts");

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ kind: string }>) => void | Promise<void>;
};
const answer = scope.onmessage;
let runs = 0;
scope.onmessage = async (event): Promise<void> => {
  if (event.data.kind === "run" && ++runs === 2) {
    device.destroy();
    await device.lost;
  }
  answer(event);
};
