/** A network that onnxruntime has loaded. */
import type { OnnxRuntime, OnnxSession } from "../../deps.ts";
import { LimpidError } from "../errors.ts";
import type { Tensor } from "./backend.ts";
import { firstLine } from "./unavailable.ts";

/** A loaded network: float32 in, float32 out. */
export interface Network {
  /** @throws {LimpidError} `device-failed` when the runtime fails. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** A session whose tensors are plain arrays. */
export class OnnxNetwork implements Network {
  readonly #ort: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #label: string;
  readonly #fault: Fault | null;

  constructor(
    ort: OnnxRuntime,
    session: OnnxSession,
    label: string,
    fault: Fault | null,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.#label = label;
    this.#fault = fault;
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>> {
    // What an earlier run brought about was reported then.
    if (this.#fault !== null) this.#fault.message = null;
    try {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, { data, dims }]) => [
          name,
          new this.#ort.Tensor("float32", data, dims),
        ]),
      );
      const outputs = await this.#session.run(inputs);
      if (this.#fault?.message) throw new Error(this.#fault.message);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [
          name,
          { data: data as Float32Array<ArrayBuffer>, dims },
        ]),
      );
    } catch (error) {
      throw new LimpidError(
        "device-failed",
        `${this.#label} (${
          firstLine(error)
        }); try smaller tiles or another device.`,
        { cause: error },
      );
    }
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** What a device complained of outside any call; `null` where it did not. */
export interface Fault {
  message: string | null;
}

/** Keeps the errors that a device tells no call of (out of memory, say), but that spoil its results. */
export function watchFaults(gpu: GPUDevice): Fault {
  const fault: Fault = { message: null };
  gpu.addEventListener("uncapturederror", (event) => {
    fault.message ??= (event as GPUUncapturedErrorEvent).error.message;
    event.preventDefault();
  });
  return fault;
}
