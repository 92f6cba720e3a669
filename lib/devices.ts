/** The devices: a row for each, with all their differences outside runtime/. */
import {
  ONNXRUNTIME_NODE,
  ONNXRUNTIME_WEB,
  type OnnxSession,
} from "../deps.ts";

/**
 * Where networks run: `webgpu` and `wasm` use onnxruntime-web, `cpu` uses
 * onnxruntime-node; `wasm` runs anywhere.
 */
export type Device = "webgpu" | "cpu" | "wasm";

/** Properties of a device. */
export interface DeviceRow {
  /** The package of onnxruntime that runs on it. */
  readonly runtime: string;
  /** Whether it is native code, which needs the ffi permission. */
  readonly native: boolean;
  /**
   * Whether it runs networks on a WebGPU adapter: one call at a time, checked
   * against wasm when a network loads, in fp16 where that agrees.
   */
  readonly gpu: boolean;
  /** Whether it can use several threads; Deno starts none for wasm. */
  readonly threads: boolean;
  /**
   * Preferred model size: `large` where those take seconds, `small` where large
   * ones would take minutes.
   */
  readonly size: "small" | "large";
  /** Options with which onnxruntime opens a model. */
  readonly session: (
    on: { readonly gpu: GPUDevice | null; readonly threads: number },
  ) => OnnxSession.SessionOptions;
}

/** The devices, the fastest first: `auto` tries them in this order. */
export const DEVICE_TABLE: Readonly<Record<Device, DeviceRow>> = {
  webgpu: {
    runtime: ONNXRUNTIME_WEB,
    native: false,
    gpu: true,
    threads: false,
    size: "large",
    session: ({ gpu }) => ({
      executionProviders: [{ name: "webgpu", device: gpu! }],
      preferredOutputLocation: "gpu-buffer",
    }),
  },
  cpu: {
    runtime: ONNXRUNTIME_NODE,
    native: true,
    gpu: false,
    threads: true,
    size: "large",
    session: ({ threads }) => ({
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Tiles have several shapes. Without the arena the heap fragments (peak
      // of 556 MB instead of 326 for an image in tiles of 512); with memory
      // patterns each shape would keep its own block.
      enableCpuMemArena: true,
      enableMemPattern: false,
    }),
  },
  wasm: {
    runtime: ONNXRUNTIME_WEB,
    native: false,
    gpu: false,
    threads: false,
    size: "small",
    session: () => ({ executionProviders: ["wasm"] }),
  },
};

/** All devices, the fastest first. */
export const DEVICES: readonly Device[] = Object.keys(
  DEVICE_TABLE,
) as Device[];
