/** Counts what this process sends to a GPU. */

/** Counts since the last call. */
export interface GpuCounts {
  /** Calls of the WebGPU API, all of them. */
  readonly calls: number;
  /** Kernels that were to run. */
  readonly kernels: number;
  /** Compute passes, between which the GPU waits. */
  readonly passes: number;
  /** Buffers that were to be zeroed. */
  readonly clears: number;
  /** Times that work was submitted. */
  readonly submissions: number;
  /** Copies from buffer to buffer. */
  readonly copies: number;
  /** Bytes sent to the device, and bytes read back. */
  readonly sent: number;
  readonly fetched: number;
  /** Times that the device was waited for to read something back. */
  readonly waits: number;
}

/** The classes whose calls are counted. */
const CLASSES = [
  "GPUDevice",
  "GPUQueue",
  "GPUBuffer",
  "GPUCommandEncoder",
  "GPUComputePassEncoder",
  "GPUComputePipeline",
] as const;

/** The methods that are counted by themselves: a class, a method, which count, and how much a call adds. */
const COUNTED: readonly (readonly [
  string,
  string,
  keyof GpuCounts,
  (args: readonly unknown[], self: unknown) => number,
])[] = [
  ["GPUComputePassEncoder", "dispatchWorkgroups", "kernels", () => 1],
  ["GPUComputePassEncoder", "dispatchWorkgroupsIndirect", "kernels", () => 1],
  ["GPUCommandEncoder", "beginComputePass", "passes", () => 1],
  ["GPUCommandEncoder", "clearBuffer", "clears", () => 1],
  ["GPUQueue", "submit", "submissions", () => 1],
  ["GPUCommandEncoder", "copyBufferToBuffer", "copies", () => 1],
  [
    "GPUQueue",
    "writeBuffer",
    "sent",
    ([, , data, , size]) => Number(size ?? (data as ArrayBuffer).byteLength),
  ],
  [
    "GPUBuffer",
    "mapAsync",
    "fetched",
    ([, , size], self) => Number(size ?? (self as GPUBuffer).size),
  ],
  ["GPUBuffer", "mapAsync", "waits", () => 1],
];

const NONE: GpuCounts = {
  calls: 0,
  kernels: 0,
  passes: 0,
  clears: 0,
  submissions: 0,
  copies: 0,
  sent: 0,
  fetched: 0,
  waits: 0,
};

type Method = (...args: unknown[]) => unknown;

/** The methods of a class of WebGPU, to be replaced. */
export function methodsOf(owner: string): Record<string, Method> {
  const classes = globalThis as unknown as Record<
    string,
    { prototype: Record<string, Method> }
  >;
  return classes[owner]!.prototype;
}

/** Begins to count; import nothing that uses a GPU before. */
export function countGpu(): () => GpuCounts {
  let counts = { ...NONE };
  for (const [owner, method, count, amount] of COUNTED) {
    wrap(methodsOf(owner), method, (args, self) => {
      counts[count] += amount(args, self);
    });
  }
  for (const owner of CLASSES) {
    const methods = methodsOf(owner);
    for (
      const [name, { value }] of Object.entries(
        Object.getOwnPropertyDescriptors(methods),
      )
    ) {
      if (typeof value !== "function" || name === "constructor") continue;
      wrap(methods, name, () => counts.calls++);
    }
  }
  return () => {
    const now = counts;
    counts = { ...NONE };
    return now;
  };
}

function wrap(
  methods: Record<string, Method>,
  name: string,
  before: (args: readonly unknown[], self: unknown) => void,
): void {
  const original = methods[name]!;
  methods[name] = function (this: unknown, ...args: unknown[]): unknown {
    before(args, this);
    return original.apply(this, args);
  };
}
