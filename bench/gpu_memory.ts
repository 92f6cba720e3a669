/** Counts the memory of a GPU that this process holds. */
import { methodsOf } from "./gpu_counter.ts";

/**
 * Begins to count; import nothing that uses a GPU before.
 *
 * @returns the most bytes of buffers held at once since the last call
 */
export function countGpuMemory(): () => number {
  const sizes = new WeakMap<object, number>();
  let [held, most] = [0, 0];
  const device = methodsOf("GPUDevice");
  const create = device["createBuffer"]!;
  device["createBuffer"] = function (this: unknown, ...args): unknown {
    const buffer = create.apply(this, args) as GPUBuffer;
    sizes.set(buffer, buffer.size);
    held += buffer.size;
    most = Math.max(most, held);
    return buffer;
  };
  const buffers = methodsOf("GPUBuffer");
  const destroy = buffers["destroy"]!;
  buffers["destroy"] = function (this: unknown, ...args): unknown {
    held -= sizes.get(this as object) ?? 0;
    sizes.delete(this as object);
    return destroy.apply(this, args);
  };
  return () => {
    const peak = most;
    most = held;
    return peak;
  };
}
