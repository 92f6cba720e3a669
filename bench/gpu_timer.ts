/** Times the kernels of a GPU by its own clock, those of every part of this process. */
import { methodsOf } from "./gpu_counter.ts";

/** What all kernels of a name took. */
export interface KernelTime {
  /** As who wrote the shader calls it; several that share a pass have a `+` between them. */
  readonly kernel: string;
  readonly count: number;
  readonly ms: number;
}

/** Most passes between two looks. */
const MOST_PASSES = 2000;

/** What becomes of a pass. */
interface Pass {
  readonly kernels: string[];
}

/**
 * Begins to time the device that is asked for next; import nothing that uses a
 * GPU before. An adapter without `timestamp-query` gives an empty list.
 */
export function timeKernels(): () => Promise<readonly KernelTime[]> {
  const modules = new WeakMap<object, string>();
  const pipelines = new WeakMap<object, string>();
  const passes = new WeakMap<object, Pass>();
  let device: GPUDevice | null = null;
  let queries: GPUQuerySet | null = null;
  let timed: Pass[] = [];

  const after = (
    owner: string,
    name: string,
    use: (result: unknown, args: readonly unknown[]) => void,
  ): void => {
    const methods = methodsOf(owner);
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...args: unknown[]): unknown {
      const result = original.apply(this, args);
      if (result instanceof Promise) {
        return result.then((value) => (use(value, args), value));
      }
      use(result, args);
      return result;
    };
  };
  after("GPUAdapter", "requestDevice", (result) => {
    device = result as GPUDevice;
    if (!device.features.has("timestamp-query")) return;
    queries = device.createQuerySet({
      type: "timestamp",
      count: 2 * MOST_PASSES,
    });
  });
  after("GPUDevice", "createShaderModule", (result, [descriptor]) => {
    const { label } = descriptor as GPUShaderModuleDescriptor;
    modules.set(result as object, label || "unnamed");
  });
  for (const name of ["createComputePipeline", "createComputePipelineAsync"]) {
    after("GPUDevice", name, (result, [descriptor]) => {
      const { compute } = descriptor as GPUComputePipelineDescriptor;
      pipelines.set(result as object, modules.get(compute.module)!);
    });
  }
  const encoders = methodsOf("GPUCommandEncoder");
  const begin = encoders["beginComputePass"]!;
  encoders["beginComputePass"] = function (
    this: unknown,
    descriptor: unknown,
  ): unknown {
    const pass: Pass = { kernels: [] };
    const at = timed.length;
    const timestamps = queries !== null && at < MOST_PASSES && {
      timestampWrites: {
        querySet: queries,
        beginningOfPassWriteIndex: 2 * at,
        endOfPassWriteIndex: 2 * at + 1,
      },
    };
    const result = begin.call(this, { ...descriptor as object, ...timestamps });
    if (timestamps) timed.push(pass);
    passes.set(result as object, pass);
    return result;
  };
  const encoder = methodsOf("GPUComputePassEncoder");
  const set = encoder["setPipeline"]!;
  encoder["setPipeline"] = function (
    this: unknown,
    pipeline: unknown,
  ): unknown {
    passes.get(this as object)!.kernels.push(
      pipelines.get(pipeline as object) ?? "unnamed",
    );
    return set.call(this, pipeline);
  };

  return async () => {
    const now = timed;
    timed = [];
    if (device === null || queries === null || now.length === 0) return [];
    const stamps = await read(device, queries, 2 * now.length);
    const times = new Map<string, { count: number; ms: number }>();
    now.forEach(({ kernels }, i) => {
      const kernel = kernels.join("+");
      const time = times.get(kernel) ?? { count: 0, ms: 0 };
      time.count++;
      time.ms += Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6;
      times.set(kernel, time);
    });
    return [...times].map(([kernel, time]) => ({ kernel, ...time }))
      .sort((a, b) => b.ms - a.ms);
  };
}

async function read(
  device: GPUDevice,
  queries: GPUQuerySet,
  count: number,
): Promise<BigUint64Array> {
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = 8 * count;
  const values = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(queries, 0, count, values, 0);
  encoder.copyBufferToBuffer(values, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  values.destroy();
  staging.destroy();
  return stamps;
}
