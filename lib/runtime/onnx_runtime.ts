/** onnxruntime on one device, as the Worker drives it. */
import { DEVICE_TABLE } from "../devices.ts";
import type { OnnxRuntime, OnnxSession } from "../../deps.ts";
import { ARRAY_OPERATIONS } from "./canvas/array_operations.ts";
import type { GpuImage } from "./canvas/gpu/gpu_image.ts";
import { GpuImages } from "./canvas/gpu/gpu_images.ts";
import { GpuKernels } from "./canvas/gpu/gpu_kernels.ts";
import { GpuOperations } from "./canvas/gpu/gpu_operations.ts";
import type { ImageOperations } from "./canvas/image_operations.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Device } from "../types.ts";
import { requestAdapter } from "./gpu_adapter.ts";
import type { Declared } from "./backend.ts";
import { DeviceFaults } from "./device_errors.ts";
import { type Loaded, ModelLoader } from "./model_loader.ts";
import type { OnnxNetwork } from "./onnx_network.ts";
import type { OpenRequest } from "./protocol.ts";
import { type Unavailable, unavailable } from "./unavailable.ts";

/** A runtime that is ready to load networks. */
export interface Runtime {
  /** The device with its adapter or threads: `webgpu with NVIDIA H100`. */
  readonly name: string;
  /** Whether it is a software renderer. */
  readonly software: boolean;
  /** Whether it may compute in fp16. */
  readonly half: boolean;
  /** @throws {LimpidError} `model-corrupt`, `device-failed`; see {@linkcode Backend.load}. */
  load(
    id: string,
    model: Uint8Array<ArrayBuffer>,
    declared: Declared | null,
  ): Promise<Loaded>;
  /** What it does with images. */
  readonly operations: ImageOperations<OnnxNetwork, AnyImage>;
}

/** An image of whichever operations a runtime has. */
export type AnyImage = PackedRaster | GpuImage;

/**
 * The smallest ONNX model, `y = x`, one number. Running it makes the runtime
 * compile itself and take the device, so that whatever is missing shows when
 * a backend is opened, not with its first model.
 */
export const IDENTITY_MODEL: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob(
    "CAg6OgoQCgF4EgF5IghJZGVudGl0eRIEdGlueVoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE=",
  ),
  (character) => character.charCodeAt(0),
);

/**
 * Makes a device's runtime ready.
 *
 * @param onLost Called once if the device is lost; nothing of this runtime,
 * nor of the module behind it, works from then on.
 */
export async function openRuntime(
  { device, runtime: specifier, threads, software, precision }: OpenRequest,
  onLost: (message: string) => void,
): Promise<Runtime | Unavailable> {
  let name: string = device;
  if (DEVICE_TABLE[device].threads) {
    name += ` with ${threads} thread${threads > 1 ? "s" : ""}`;
  }
  // A GPU that was asked for by name will do: the driver starts while the
  // runtime is compiled. `auto` may do without this runtime and its download.
  const early = software ? loadRuntime(specifier, device) : null;
  let gpu: GPUDevice | null = null;
  let half = false;
  let renderer = false;
  if (DEVICE_TABLE[device].gpu) {
    try {
      const adapter = await requestAdapter(software);
      if ("why" in adapter) return adapter;
      ({ device: gpu, half, software: renderer } = adapter);
      name += ` with ${adapter.name}`;
      if (precision === "fp16" && !half) {
        gpu.destroy();
        return {
          why: `${adapter.name} has no shader-f16, which fp16 takes`,
          remedy: "ask for precision auto or fp32",
        };
      }
    } catch (error) {
      return unavailable("the WebGPU adapter gives no device", error);
    }
    gpu.lost.then(({ message }) => onLost(message));
  }

  const ort = await (early ?? loadRuntime(specifier, device));
  if ("why" in ort) return ort;
  const options = sessionOptions(device, gpu, threads);
  const faults = gpu && new DeviceFaults(gpu, name);
  try {
    await tryRuntime(ort, options);
  } catch (error) {
    return unavailable(`${specifier} does not run`, error);
  }

  const loader = new ModelLoader({
    ort,
    device,
    name,
    gpu,
    options,
    trusted: sessionOptions("wasm", null, 1),
    faults,
    half,
    precision,
  });
  return {
    name,
    software: renderer,
    half: half && precision !== "fp32",
    operations:
      (gpu === null
        ? ARRAY_OPERATIONS
        : gpuOperations(gpu, faults!)) as Runtime["operations"],
    load: (id, model, declared) => loader.load(id, model, declared),
  };
}

function gpuOperations(device: GPUDevice, faults: DeviceFaults): GpuOperations {
  const { maxStorageBufferBindingSize } = device.limits;
  return new GpuOperations({
    device,
    faults,
    kernels: new GpuKernels(device),
    images: new GpuImages(device, maxStorageBufferBindingSize),
  });
}

/** The module of the runtime; for a GPU with its code compiled. */
async function loadRuntime(
  specifier: string,
  device: Device,
): Promise<OnnxRuntime | Unavailable> {
  try {
    const module = await import(specifier);
    const ort: OnnxRuntime = module.default ?? module;
    const { native, gpu } = DEVICE_TABLE[device];
    // Threads do not start in Deno; without this it tries and warns.
    if (!native) ort.env.wasm.numThreads = 1;
    if (gpu) await tryRuntime(ort, sessionOptions("wasm", null, 1));
    return ort;
  } catch (error) {
    return unavailable(`${specifier} could not be loaded`, error);
  }
}

/** Runs the smallest model. */
async function tryRuntime(
  ort: OnnxRuntime,
  options: OnnxSession.SessionOptions,
): Promise<void> {
  const session = await ort.InferenceSession.create(IDENTITY_MODEL, options);
  await session.run({ x: new ort.Tensor("float32", [1], [1]) });
  await session.release();
}

function sessionOptions(
  device: Device,
  gpu: GPUDevice | null,
  threads: number,
): OnnxSession.SessionOptions {
  return {
    graphOptimizationLevel: "all",
    logSeverityLevel: 3, // errors; below it, the runtime talks of its own matters
    ...DEVICE_TABLE[device].session({ gpu, threads }),
  };
}
