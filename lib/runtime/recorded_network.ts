/** A network whose kernels for inputs of one shape are recorded, and handed to the GPU again for each run. */
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../../deps.ts";
import { GpuBufferPool } from "./canvas/gpu/gpu_buffer_pool.ts";
import type { Dims, GpuOutput, GpuTensor } from "./gpu_tensor.ts";
import { type GraphInput, largestDifference } from "./self_check.ts";

/** What a recording is made of. */
export interface Recordable {
  readonly ort: OnnxRuntime;
  readonly gpu: GPUDevice;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly options: OnnxSession.SessionOptions;
}

/** An input that stays where it is. */
interface Slot {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  readonly tensor: OnnxTensor;
}

/**
 * A session of onnxruntime with `enableGraphCapture`. Its first run records
 * the kernels; every later one replays them, and onnxruntime neither plans
 * them again nor binds, nor clears, what lies between them. That takes one
 * shape, and buffers that stay: inputs are copied into them.
 */
export class RecordedNetwork {
  readonly #gpu: GPUDevice;
  readonly #session: OnnxSession;
  readonly #memory: GpuBufferPool;
  readonly #inputs = new Map<string, Slot>();
  readonly #sizes: Dims;
  /** Of the first run, which every later one writes again. */
  #outputs: Readonly<Record<string, OnnxTensor>> | null = null;

  private constructor(gpu: GPUDevice, session: OnnxSession, outputs: Dims) {
    this.#gpu = gpu;
    this.#session = session;
    this.#sizes = outputs;
    this.#memory = new GpuBufferPool(gpu);
  }

  /**
   * Loads a network for one shape.
   *
   * @param inputs As its graph declares them.
   * @param outputs Those that are wanted.
   * @throws where a part of the graph does not run on the GPU, and where memory does not suffice
   */
  static async open(
    { ort, gpu, file, options }: Recordable,
    inputs: readonly GraphInput[],
    taken: Dims,
    outputs: Dims,
  ): Promise<RecordedNetwork> {
    const session = await ort.InferenceSession.create(file, {
      ...options,
      enableGraphCapture: true,
      freeDimensionOverrides: openSizes(inputs, taken),
    });
    const recorded = new RecordedNetwork(gpu, session, outputs);
    try {
      for (const [name, dims] of Object.entries(taken)) {
        recorded.#inputs.set(name, await recorded.#slot(ort, name, dims));
      }
      return recorded;
    } catch (error) {
      await recorded.release();
      throw error;
    }
  }

  /** Runs on copies of `feeds`; the outputs hold until the next run. */
  async run(
    feeds: Readonly<Record<string, GpuTensor>>,
  ): Promise<Record<string, GpuOutput>> {
    const encoder = this.#gpu.createCommandEncoder();
    for (const [name, { buffer, bytes }] of this.#inputs) {
      encoder.copyBufferToBuffer(feeds[name]!.buffer, 0, buffer, 0, bytes);
    }
    this.#gpu.queue.submit([encoder.finish()]);
    const outputs = await this.#session.run(
      Object.fromEntries(
        [...this.#inputs].map(([name, { tensor }]) => [name, tensor]),
      ),
      Object.keys(this.#sizes),
    );
    // The runtime's own buffers: it loses track of others from the second run
    // on. Later runs give the same ones, by other handles.
    if (this.#outputs === null) this.#outputs = outputs;
    else for (const output of Object.values(outputs)) output.dispose();
    return Object.fromEntries(
      this.#given().map(([name, buffer, bytes]) => [name, {
        gpuBuffer: buffer,
        getData: () => this.#read(buffer, bytes),
      }]),
    );
  }

  /** The largest difference between what it gave last and `others`, as {@linkcode largestDifference} has it. */
  async difference(
    others: Readonly<Record<string, GpuOutput>>,
  ): Promise<number> {
    let largest = 0;
    for (const [name, buffer, bytes] of this.#given()) {
      const [own, other] = [
        await this.#read(buffer, bytes),
        await this.#read(others[name]!.gpuBuffer, bytes),
      ].map((data) => ({ [name]: { data, dims: [data.length] } }));
      largest = Math.max(largest, largestDifference(own!, other!));
    }
    return largest;
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    for (const output of Object.values(this.#outputs ?? {})) output.dispose();
    await this.#session.release();
    this.#memory.free();
  }

  #given(): [name: string, buffer: GPUBuffer, bytes: number][] {
    return Object.entries(this.#sizes).map((
      [name, dims],
    ) => [name, this.#outputs![name]!.gpuBuffer as GPUBuffer, bytesOf(dims)]);
  }

  async #read(
    buffer: GPUBuffer,
    bytes: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array((await this.#memory.read(buffer, bytes)).buffer);
  }

  async #slot(
    ort: OnnxRuntime,
    name: string,
    dims: readonly number[],
  ): Promise<Slot> {
    const bytes = bytesOf(dims);
    const buffer = await this.#memory.buffer(name, bytes);
    const tensor = ort.Tensor.fromGpuBuffer(buffer, {
      dataType: "float32",
      dims: [...dims],
    });
    return { buffer, bytes, tensor };
  }
}

/** What the names of a graph's open sizes stand for. */
function openSizes(
  inputs: readonly GraphInput[],
  dims: Dims,
): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const { name, shape } of inputs) {
    shape.forEach((size, axis) => {
      if (typeof size === "string") sizes[size] = dims[name]![axis]!;
    });
  }
  return sizes;
}

function bytesOf(dims: readonly number[]): number {
  return 4 * dims.reduce((a, b) => a * b, 1);
}
