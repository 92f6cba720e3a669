/**
 * Tests on a WebGPU device of their own. Skipped where there is no Vulkan
 * driver, unless LIMPID_REQUIRE names webgpu.
 */
import assert from "node:assert/strict";
import { DeviceFaults } from "../lib/runtime/device_errors.ts";
import type { Gpu } from "../lib/runtime/canvas/gpu/gpu.ts";
import { GpuImages } from "../lib/runtime/canvas/gpu/gpu_images.ts";
import { GpuKernels } from "../lib/runtime/canvas/gpu/gpu_kernels.ts";
import { GpuBufferPool } from "../lib/runtime/canvas/gpu/gpu_buffer_pool.ts";

const adapter = await navigator.gpu?.requestAdapter() ?? null;
const required = Deno.env.get("LIMPID_REQUIRE")?.includes("webgpu") ?? false;

/** What a test works with. */
export interface GpuBench {
  readonly device: GPUDevice;
  readonly faults: DeviceFaults;
  readonly kernels: GpuKernels;
  readonly memory: GpuBufferPool;
}

/** What canvases share, on a test's device; `bindingBytes` as its limit says, unless fewer are asked for. */
export function gpuOf(
  { device, faults, kernels }: GpuBench,
  bindingBytes: number = device.limits.maxStorageBufferBindingSize,
): Gpu {
  const images = new GpuImages(device, bindingBytes);
  return { device, faults, kernels, images };
}

/** The same device, which refuses buffers of a name, `times` times. */
export function refusing(
  gpu: GpuBench,
  name: string,
  times = Infinity,
): GpuBench {
  const device = new Proxy(gpu.device, {
    get(target, key): unknown {
      const value = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key !== "createBuffer") return value.bind(target);
      return (descriptor: GPUBufferDescriptor): GPUBuffer =>
        target.createBuffer(
          descriptor.label === name && times-- > 0
            ? { ...descriptor, size: 2 ** 50 }
            : descriptor,
        );
    },
  });
  return { ...gpu, device };
}

/** A test that fails, too, where the device complains. */
export function gpuTest(
  name: string,
  test: (bench: GpuBench) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: adapter === null && !required,
    fn: async () => {
      const fresh = await navigator.gpu.requestAdapter();
      const device = await fresh!.requestDevice();
      const memory = new GpuBufferPool(device);
      const faults = new DeviceFaults(device, "the test's device");
      const kernels = new GpuKernels(device);
      try {
        await test({ device, faults, kernels, memory });
      } finally {
        memory.free();
        device.destroy();
        assert.doesNotThrow(() => faults.check());
      }
    },
  });
}
