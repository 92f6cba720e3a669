/** Loads networks on one device, each in the numbers that do there. */
import { DEVICE_TABLE } from "../devices.ts";
import type { OnnxRuntime, OnnxSession } from "../../deps.ts";
import { LimpidError } from "../errors.ts";
import type { Device, Precision } from "../types.ts";
import type { Arithmetic, Declared, GraphNames, Tensor } from "./backend.ts";
import type { DeviceFaults } from "./device_errors.ts";
import { externalData } from "./graph/external_data.ts";
import { convertToFp16 } from "./graph/convert_to_fp16.ts";
import { OnnxNetwork } from "./onnx_network.ts";
import { RecordedNetwork } from "./recorded_network.ts";
import { Recordings } from "./recordings.ts";
import {
  checkFeeds,
  FP16_LEAST_PSNR,
  largestDifference,
  psnr,
  TOLERANCE,
  WrongNumbers,
} from "./self_check.ts";
import { firstLine } from "./unavailable.ts";

/** A device that is open, and how networks are to run on it. */
export interface ModelSlot {
  readonly ort: OnnxRuntime;
  readonly device: Device;
  /** For messages: the device with its adapter. */
  readonly name: string;
  /** `null` but for `webgpu`. */
  readonly gpu: GPUDevice | null;
  readonly options: OnnxSession.SessionOptions;
  /** Of the runtime's wasm code, which is trusted. */
  readonly trusted: OnnxSession.SessionOptions;
  /** `null` but for `webgpu`. */
  readonly faults: DeviceFaults | null;
  /** Whether the device can compute in fp16. */
  readonly half: boolean;
  readonly precision: Precision | "auto";
}

/** A network, and the numbers that it computes in. */
export interface Loaded {
  readonly network: OnnxNetwork;
  readonly arithmetic: Arithmetic;
}

type Outputs = Record<string, Tensor>;

/** A model's file and what its manifest says of it. */
interface Model {
  readonly id: string;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly declared: Declared | null;
}

/** Loads networks. */
export class ModelLoader {
  readonly #place: ModelSlot;

  constructor(place: ModelSlot) {
    this.#place = place;
  }

  /**
   * Loads a model. On `webgpu` it runs once before it is handed out, and what
   * it gives is held against the same runtime's wasm code: wrong shaders and
   * broken drivers exist, and their images look plausible.
   *
   * @throws {LimpidError} `model-corrupt`, `device-failed`; see `Backend.load`.
   */
  async load(
    id: string,
    file: Uint8Array<ArrayBuffer>,
    declared: Declared | null,
  ): Promise<Loaded> {
    const model = { id, file, declared };
    const { device, name, precision, half } = this.#place;
    if (!DEVICE_TABLE[device].gpu) {
      return {
        network: await this.#open(model),
        arithmetic: {
          precision: "fp32",
          precisionReason: `${device} computes in fp32 only.`,
        },
      };
    }
    let expected: Promise<Outputs> | null = null;
    const trusted = (): Promise<Outputs> => expected ??= this.#trusted(model);
    const whole = declared?.whole;
    let precisionReason = "It was asked for.";
    if (precision !== "fp32" && whole !== undefined) {
      precisionReason =
        `It sees the image in ${whole} pixels, for which fp16 is no faster.`;
    } else if (precision !== "fp32") {
      const tried = half
        ? await this.#openHalf(model, trusted)
        : `${name} has no shader-f16.`;
      if (typeof tried === "object") return tried;
      if (precision === "fp16") {
        throw new LimpidError(
          "device-failed",
          `The model ${id} does not run in fp16: ${
            tried.replace(/\.$/, "")
          }; ask for precision auto or fp32.`,
        );
      }
      precisionReason = tried;
    }
    const network = await this.#open(model);
    try {
      const difference = largestDifference(
        await network.run(this.#feeds(network)),
        await trusted(),
      );
      if (difference > TOLERANCE) throw new WrongNumbers(id, name, difference);
      return { network, arithmetic: { precision: "fp32", precisionReason } };
    } catch (error) {
      await network.release();
      throw error;
    }
  }

  /** The model in fp16, or why not. */
  async #openHalf(
    model: Model,
    trusted: () => Promise<Outputs>,
  ): Promise<Loaded | string> {
    const { faults } = this.#place;
    let network: OnnxNetwork | null = null;
    try {
      const file = await convertToFp16(model.file);
      network = await this.#open({ ...model, file });
      const decibels = psnr(
        await network.run(this.#feeds(network)),
        await trusted(),
      );
      const found = `In its self-check fp16 is ${
        Math.floor(decibels)
      } dB from fp32, at least ${FP16_LEAST_PSNR} must be.`;
      if (decibels >= FP16_LEAST_PSNR) {
        return {
          network,
          arithmetic: { precision: "fp16", precisionReason: found },
        };
      }
      await network.release();
      return found;
    } catch (error) {
      await network?.release();
      // What else went wrong on the device belongs to this trial.
      faults?.forget();
      return `Its fp16 form does not run (${firstLine(error)}).`;
    }
  }

  async #open({ id, file, declared }: Model): Promise<OnnxNetwork> {
    const { ort, options, name, faults } = this.#place;
    const session = await this.#create(id, file, options);
    try {
      checkInterface(id, session, declared?.graph ?? null);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new OnnxNetwork(
      ort,
      session,
      id,
      name,
      faults,
      this.#recordings(file, session),
    );
  }

  #recordings(
    file: Uint8Array<ArrayBuffer>,
    { inputMetadata }: OnnxSession,
  ): Recordings | null {
    const { ort, gpu, options } = this.#place;
    if (gpu === null) return null;
    const inputs = inputMetadata.filter((input) => input.isTensor);
    const place = { ort, gpu, file, options };
    return new Recordings((taken, given) =>
      RecordedNetwork.open(place, inputs, taken, given)
    );
  }

  async #trusted({ id, file }: Model): Promise<Outputs> {
    const { ort, trusted } = this.#place;
    const session = await this.#create(id, file, trusted);
    const network = new OnnxNetwork(ort, session, id, "wasm", null);
    try {
      return await network.run(this.#feeds(network));
    } finally {
      await network.release();
    }
  }

  #feeds(network: OnnxNetwork): Record<string, Tensor> {
    return checkFeeds(network.inputs);
  }

  async #create(
    id: string,
    file: Uint8Array<ArrayBuffer>,
    options: OnnxSession.SessionOptions,
  ): Promise<OnnxSession> {
    try {
      const elsewhere = await externalData(file);
      if (elsewhere !== null) {
        throw new LimpidError(
          "model-corrupt",
          `The model ${id} has ${elsewhere}, which nobody has verified; use a model that is one ONNX file.`,
        );
      }
      return await this.#place.ort.InferenceSession.create(file, options);
    } catch (error) {
      if (error instanceof LimpidError) throw error;
      throw new LimpidError(
        "model-corrupt",
        `The model ${id} does not load (${firstLine(error)}); fetch it again.`,
        { cause: error },
      );
    }
  }
}

/** All float32, and the names that were declared. */
function checkInterface(
  id: string,
  session: OnnxSession,
  declared: GraphNames | null,
): void {
  for (const [side, found] of interfaceOf(session)) {
    for (const value of found) {
      if (!value.isTensor || value.type !== "float32") {
        throw new LimpidError(
          "model-corrupt",
          `The model ${id} has "${value.name}" among its ${side}, which is not a float32 tensor; use a model made for Limpid.`,
        );
      }
    }
    const names = found.map(({ name }) => name).sort().join(", ");
    const wanted = declared?.[side].toSorted().join(", ") ?? names;
    if (names !== wanted) {
      throw new LimpidError(
        "model-corrupt",
        `The model ${id} has the ${side} ${names}, its manifest declares ${wanted}; use the two that belong together.`,
      );
    }
  }
}

function interfaceOf(
  { inputMetadata, outputMetadata }: OnnxSession,
): [keyof GraphNames, OnnxSession["inputMetadata"]][] {
  return [["inputs", inputMetadata], ["outputs", outputMetadata]];
}
