import type { DeviceFaults } from "../../device_errors.ts";
import type { GpuImages } from "./gpu_images.ts";
import type { GpuKernels } from "./gpu_kernels.ts";

/** A device, and what all work on it shares. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly faults: DeviceFaults;
  readonly kernels: GpuKernels;
  readonly images: GpuImages;
}
