/** The devices: one row for each, with all in which they differ outside the code that drives them. */
import {
  ONNXRUNTIME_NODE,
  ONNXRUNTIME_WEB,
  type OnnxSession,
} from "../deps.ts";

/** Where networks run: `cpu` is onnxruntime-node, `wasm` runs anywhere. */
export type Device = "webgpu" | "cpu" | "wasm";

/** What is known of a device. */
export interface DeviceRow {
  /** The package of onnxruntime that runs on it. */
  readonly runtime: string;
  /** Whether it is native code, which takes the ffi permission. */
  readonly native: boolean;
  /** Whether it runs networks through a WebGPU adapter: one call at a time, checked against wasm as it loads, fp16 where that agrees. */
  readonly gpu: boolean;
  /** Whether it takes several threads; Deno starts none for wasm. */
  readonly threads: boolean;
  /** Which models suit it: `large` where they take seconds, `small` where they would take minutes. */
  readonly size: "small" | "large";
  /** What onnxruntime opens a model with. */
  readonly session: (
    on: { readonly gpu: GPUDevice | null; readonly threads: number },
  ) => OnnxSession.SessionOptions;
}

/** The devices, the fastest first: in this order `auto` tries them. */
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
      // Tiles come in several shapes. Without the arena the process's heap falls
      // to pieces (peak 556 MB instead of 326 for an image in tiles of 512);
      // with memory patterns each shape would keep a block of its own.
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

/** Where networks can run. */
export const DEVICES: readonly Device[] = Object.keys(
  DEVICE_TABLE,
) as Device[];
