/** A network that onnxruntime has loaded. */
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../../deps.ts";
import { checkDims, type OutputDims } from "./canvas/outputs.ts";
import { LimpidError } from "../errors.ts";
import type { Tensor } from "./backend.ts";
import { type DeviceFaults, failure } from "./device_errors.ts";
import type { GraphInput } from "./self_check.ts";

/** A loaded network: float32 in, float32 out. */
export interface Network {
  /** As its manifest calls it. */
  readonly id: string;
  /** @throws {LimpidError} `device-failed` when the runtime fails, `out-of-memory` when memory does. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}

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

/** A session of onnxruntime. */
export class OnnxNetwork implements Network {
  readonly id: string;
  readonly #ort: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #where: string;
  readonly #faults: DeviceFaults | null;

  /** @param where The device's name, for messages. */
  constructor(
    ort: OnnxRuntime,
    session: OnnxSession,
    id: string,
    where: string,
    faults: DeviceFaults | null,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.id = id;
    this.#where = where;
    this.#faults = faults;
  }

  /** What it takes. */
  get inputs(): readonly GraphInput[] {
    return this.#session.inputMetadata.filter((input) => input.isTensor);
  }

  run(
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>> {
    return this.#call(
      () =>
        entries(
          feeds,
          ({ data, dims }) => new this.#ort.Tensor("float32", data, dims),
        ),
      async (outputs) => {
        const tensors: Record<string, Tensor> = {};
        for (const [name, output] of Object.entries(outputs)) {
          const data = await output.getData() as Tensor["data"];
          tensors[name] = { data, dims: output.dims };
        }
        return tensors;
      },
    );
  }

  /**
   * Runs on buffers of the runtime's own device.
   *
   * @param dims What the outputs must measure.
   * @param use Takes the outputs, which are gone when it is done.
   * @throws {LimpidError} as {@linkcode OnnxNetwork.run}, and `model-corrupt`
   * for outputs of another size.
   */
  runOnGpu<Name extends string, T>(
    feeds: Readonly<Record<string, GpuTensor>>,
    dims: OutputDims<Name>,
    use: (outputs: Record<Name, GpuOutput>) => Promise<T>,
  ): Promise<T> {
    return this.#call(
      () =>
        entries(
          feeds,
          ({ buffer, dims }) =>
            this.#ort.Tensor.fromGpuBuffer(buffer, {
              dataType: "float32",
              dims: [...dims],
            }),
        ),
      async (outputs) => {
        try {
          checkDims(this.id, outputs, dims);
          return await use(outputs as unknown as Record<Name, GpuOutput>);
        } finally {
          for (const output of Object.values(outputs)) output.dispose();
        }
      },
    );
  }

  /** Frees its memory. */
  release(): Promise<void> {
    return this.#session.release();
  }

  async #call<T>(
    inputs: () => Record<string, OnnxTensor>,
    use: (outputs: Record<string, OnnxTensor>) => Promise<T>,
  ): Promise<T> {
    try {
      const result = await use(await this.#session.run(inputs()));
      this.#faults?.check();
      return result;
    } catch (error) {
      if (error instanceof LimpidError) throw error;
      throw failure(`The model ${this.id}`, this.#where, error);
    }
  }
}

function entries<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, map(value)]),
  );
}
