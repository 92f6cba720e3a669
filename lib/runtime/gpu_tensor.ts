/** What networks take and give on a GPU. */

/** Dimensions of tensors by their names. */
export type Dims = Readonly<Record<string, readonly number[]>>;

/** Dense float32 on the GPU, row-major; the buffer may be longer. */
export interface GpuTensor {
  readonly buffer: GPUBuffer;
  readonly dims: readonly number[];
}

/** An output that stayed on the GPU. */
export interface GpuOutput {
  readonly gpuBuffer: GPUBuffer;
  /** Copies it to the processor's memory. */
  getData(): Promise<unknown>;
}
