/** The Worker of a backend, whose WebGPU device is lost when the second run of a network is asked for. */
import type { Request } from "../lib/runtime/protocol.ts";

const { prototype } = GPUAdapter;
const requestDevice = prototype.requestDevice;
let device: GPUDevice;
prototype.requestDevice = async function (descriptor): Promise<GPUDevice> {
  device = await requestDevice.call(this, descriptor);
  return device;
};

await import("../lib/runtime/worker.ts");

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void | Promise<void>;
};
const answer = scope.onmessage;
let runs = 0;
scope.onmessage = async (event): Promise<void> => {
  if (isRun(event.data) && ++runs === 2) {
    device.destroy();
    await device.lost;
  }
  answer(event);
};

function isRun(request: Request): boolean {
  return request.kind === "run" ||
    (request.kind === "canvas" && request.call.method.endsWith("Tile"));
}
