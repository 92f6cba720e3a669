/** Counts what this process sends to a GPU. */

/** Counts since the last call. */
export interface GpuCounts {
  /** Dispatched kernels. */
  readonly kernels: number;
  /** Submissions. */
  readonly submissions: number;
  /** Copies from buffer to buffer. */
  readonly copies: number;
  /** Bytes sent to the device, and bytes read back. */
  readonly sent: number;
  readonly fetched: number;
}

/** The counted methods: class, method, count, and how much a call adds. */
const COUNTED: readonly (readonly [
  string,
  string,
  keyof GpuCounts,
  (args: readonly unknown[], self: unknown) => number,
])[] = [
  ["GPUComputePassEncoder", "dispatchWorkgroups", "kernels", () => 1],
  ["GPUComputePassEncoder", "dispatchWorkgroupsIndirect", "kernels", () => 1],
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
];

/** Begins to count; call it before importing a module that uses a GPU. */
export function countGpu(): () => GpuCounts {
  const none = { kernels: 0, submissions: 0, copies: 0, sent: 0, fetched: 0 };
  let counts = { ...none };
  for (const [owner, method, count, amount] of COUNTED) {
    const { prototype } = (globalThis as unknown as Record<
      string,
      { prototype: Record<string, (...args: unknown[]) => unknown> }
    >)[owner]!;
    const original = prototype[method]!;
    prototype[method] = function (this: unknown, ...args: unknown[]): unknown {
      counts[count] += amount(args, this);
      return original.apply(this, args);
    };
  }
  return () => {
    const now = counts;
    counts = { ...none };
    return now;
  };
}
