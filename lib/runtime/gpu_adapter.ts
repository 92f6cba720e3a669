/** The WebGPU adapter and device that the runtime gets. */
import { quietDrivers } from "./quiet_drivers.ts";
import type { Unavailable } from "./unavailable.ts";

/** A device that works, and whose it is. */
export interface Adapter {
  readonly device: GPUDevice;
  /** As its driver calls it. */
  readonly name: string;
  /** Whether its shaders can compute in fp16. */
  readonly half: boolean;
  /** Whether it computes on the CPU. */
  readonly software: boolean;
}

/** The names of the software renderers that answer as adapters. */
const SOFTWARE =
  /llvmpipe|lavapipe|softpipe|swiftshader|basic render|\bwarp\b/i;

/** What onnxruntime uses where the adapter has it. */
const FEATURES = ["shader-f16", "subgroups", "timestamp-query"] as const;

/** What onnxruntime's shaders may use up to the adapter's maximum; a device has far less by default. */
const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/** The fastest adapter's device; a software renderer only when `software`. */
export async function requestAdapter(
  software: boolean,
): Promise<Adapter | Unavailable> {
  // Undefined in runtimes where WebGPU stands behind a flag.
  const gpu: GPU | undefined = navigator.gpu;
  if (gpu === undefined) {
    return {
      why: "this runtime has no WebGPU",
      remedy: "use Deno 2.9 or later",
    };
  }
  quietDrivers();
  const adapter = await gpu.requestAdapter({
    powerPreference: "high-performance",
  });
  if (adapter === null) {
    return { why: "no WebGPU adapter was found", remedy: driverRemedy() };
  }
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture, device].join(" ").trim() ||
    "unnamed adapter";
  if (!software && isSoftware(adapter.info)) {
    return {
      why: `the only WebGPU adapter, ${name}, is a software renderer`,
      remedy: "ask for webgpu by name to use it all the same",
    };
  }
  const granted = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((f) => adapter.features.has(f)),
    requiredLimits: Object.fromEntries(
      LIMITS.map((limit) => [limit, adapter.limits[limit]]),
    ),
  });
  return {
    device: granted,
    name,
    half: granted.features.has("shader-f16"),
    software: isSoftware(adapter.info),
  };
}

/** Whether an adapter computes on the CPU, which onnxruntime's own CPU code does far faster. */
export function isSoftware(
  info: { description: string; isFallbackAdapter?: boolean },
): boolean {
  return info.isFallbackAdapter === true || SOFTWARE.test(info.description);
}

function driverRemedy(): string {
  return Deno.build.os === "linux"
    ? "install the Vulkan loader (libvulkan.so.1, Debian package libvulkan1) and the GPU's Vulkan driver " +
      "(NVIDIA's own, or mesa-vulkan-drivers for AMD, Intel and software rendering)"
    : "update the graphics driver";
}
