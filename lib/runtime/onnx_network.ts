/** A network that onnxruntime has loaded. */
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../../deps.ts";
import { checkDims, type OutputDims } from "./canvas/outputs.ts";
import { LimpidError } from "../errors.ts";
import type { Tensor } from "./backend.ts";
import {
  type DeviceFaults,
  failure,
  isOutOfDeviceMemory,
} from "./device_errors.ts";
import type { Dims, GpuOutput, GpuTensor } from "./gpu_tensor.ts";
import type { Recordings } from "./recordings.ts";
import { type GraphInput, TOLERANCE } from "./self_check.ts";
import { firstLine } from "./unavailable.ts";

/** A loaded network: float32 in, float32 out. */
export interface Network {
  /** As its manifest calls it. */
  readonly id: string;
  /** @throws {LimpidError} `device-failed` when the runtime fails, `out-of-memory` when memory does. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}

/** A session of onnxruntime. */
export class OnnxNetwork implements Network {
  readonly id: string;
  readonly #ort: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #where: string;
  readonly #faults: DeviceFaults | null;
  readonly #recordings: Recordings | null;

  /**
   * @param where The device's name, for messages.
   * @param recordings Where its runs on the GPU are recorded.
   */
  constructor(
    ort: OnnxRuntime,
    session: OnnxSession,
    id: string,
    where: string,
    faults: DeviceFaults | null,
    recordings: Recordings | null = null,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.id = id;
    this.#where = where;
    this.#faults = faults;
    this.#recordings = recordings;
  }

  /** How many shapes are recorded. */
  get recorded(): number {
    return this.#recordings?.size ?? 0;
  }

  /** Why its runs on the GPU are not recorded; `null` where they are, or will be. */
  get unrecorded(): string | null {
    return this.#recordings?.why ?? null;
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
   * Runs on buffers of the runtime's own device. A shape that comes again and
   * again is recorded; where that fails, or memory does not suffice for it,
   * every run is as the first.
   *
   * @param dims What the outputs must measure.
   * @param use Takes the outputs, which are gone when it is done.
   * @throws {LimpidError} as {@linkcode OnnxNetwork.run}, and `model-corrupt`
   * for outputs of another size.
   */
  async runOnGpu<Name extends string, T>(
    feeds: Readonly<Record<string, GpuTensor>>,
    dims: OutputDims<Name>,
    use: (outputs: Record<Name, GpuOutput>) => Promise<T>,
  ): Promise<T> {
    const replayed = await this.#replay(feeds, dims);
    if (replayed !== null) {
      return await use(replayed as Record<Name, GpuOutput>);
    }
    let ran = false;
    const run = (): Promise<T> =>
      this.#runOnce(feeds, dims, async (outputs) => {
        ran = true;
        await this.#record(feeds, dims, outputs);
        return await use(outputs);
      });
    try {
      return await run();
    } catch (error) {
      const short = isOutOfDeviceMemory(error) && !ran;
      if (!short || !this.#recordings?.size) throw error;
      await this.#recordings.stop("There is too little memory for it.");
      return await run();
    }
  }

  /** What a recording gives; `null` where there is none. */
  async #replay(
    feeds: Readonly<Record<string, GpuTensor>>,
    dims: Dims,
  ): Promise<Record<string, GpuOutput> | null> {
    const recorded = this.#recordings?.find(dimsOf(feeds), dims);
    if (recorded === undefined || recorded === null) return null;
    try {
      const outputs = await recorded.run(feeds);
      this.#faults?.check();
      return outputs;
    } catch (error) {
      await this.#recordings!.stop(firstLine(error));
      return null;
    }
  }

  /** Records a shape when it is time, if the recording gives what this run gave. */
  async #record(
    feeds: Readonly<Record<string, GpuTensor>>,
    dims: Dims,
    outputs: Readonly<Record<string, GpuOutput>>,
  ): Promise<void> {
    const recorded = await this.#recordings?.make(dimsOf(feeds), dims);
    if (recorded === undefined || recorded === null) return;
    try {
      await recorded.run(feeds);
      this.#faults?.check();
      const difference = await recorded.difference(outputs);
      if (difference <= TOLERANCE) return;
      await this.#recordings!.stop(
        `It gives other numbers, off by ${difference.toPrecision(2)}.`,
      );
    } catch (error) {
      this.#faults?.forget();
      await this.#recordings!.stop(firstLine(error));
    }
  }

  #runOnce<Name extends string, T>(
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
  async release(): Promise<void> {
    await this.#recordings?.stop("The network was released.");
    await this.#session.release();
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

function dimsOf(feeds: Readonly<Record<string, GpuTensor>>): Dims {
  return entries(feeds, ({ dims }) => dims);
}
