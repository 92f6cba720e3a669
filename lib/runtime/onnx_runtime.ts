/** onnxruntime on one device, as the Worker drives it. */
import { DEVICE_TABLE } from "../devices.ts";
import type { OnnxRuntime, OnnxSession } from "../../deps.ts";
import { ArrayCanvas } from "./canvas/array_canvas.ts";
import type { Canvas } from "./canvas/canvas.ts";
import { GpuCanvas } from "./canvas/gpu_canvas.ts";
import { GpuKernels } from "./canvas/gpu_kernels.ts";
import { openCanvas, type ReducedCanvas } from "./canvas/downscaled_canvas.ts";
import { GpuImages } from "./canvas/gpu_images.ts";
import type { NumberedImage, NumberedRefinement } from "./image_numbers.ts";
import { fitsGpu, reduceOnGpu, refineOnGpu } from "./canvas/gpu_pyramid.ts";
import { refine, type Refined } from "../pixels/refine.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import { reduceImage } from "../pixels/reduce.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Device } from "../types.ts";
import { requestAdapter } from "./gpu_adapter.ts";
import type { GraphNames } from "./backend.ts";
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
  /** @throws {LimpidError} `model-corrupt`, `device-failed`; see {@linkcode Backend.load}. */
  load(
    id: string,
    model: Uint8Array<ArrayBuffer>,
    names: GraphNames | null,
  ): Promise<Loaded>;
  /** Puts an image on the device; see {@linkcode Backend.open}. */
  open(
    image: PackedRaster | NumberedImage,
    maxSide?: number,
  ): Canvas<OnnxNetwork>;
  /** See {@linkcode Backend.reduce}; `as` is the result's number. */
  reduce(
    image: NumberedImage,
    size: Size,
    as: number,
  ): Promise<PackedRaster>;
  /** See {@linkcode Backend.refine}; `as` is the result's number. */
  refine(refinement: NumberedRefinement, as: number): Promise<Refined>;
  /** Frees the images that no canvas holds. */
  freeImages(): void;
}

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
  const shared = gpu && faults && {
    device: gpu,
    faults,
    kernels: new GpuKernels(gpu),
    images: new GpuImages(gpu),
    bindingBytes: gpu.limits.maxStorageBufferBindingSize,
  };
  const canvasOf = (image: PackedRaster): ReducedCanvas<OnnxNetwork> =>
    shared === null ? new ArrayCanvas(image) : new GpuCanvas(shared, image);
  return {
    name,
    software: renderer,
    open: (image, maxSide) => openCanvas(image, maxSide, canvasOf),
    reduce: async (image, size, as) =>
      shared !== null && fitsGpu(shared, image)
        ? await reduceOnGpu(shared, image, size, as)
        : reduceImage(image, size),
    refine: async (refinement, as) =>
      shared !== null && fitsGpu(shared, refinement.finer)
        ? await refineOnGpu(shared, refinement, as)
        : refine(refinement),
    freeImages: () => shared?.images.free(),
    load: (id, model, names) => loader.load(id, model, names),
  };
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
