/** What a backend is: networks, and the canvases on which they work. */
import type { Canvas } from "./canvas/canvas.ts";
import type { Refined, Refinement } from "../pixels/refine.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Device, Precision } from "../types.ts";

/** Dense float32 in row-major order of `dims` (N, C, H, W for images). */
export interface Tensor {
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly number[];
}

/** The names that a network's inputs and outputs must have, in any order. */
export interface GraphNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a manifest declares of a network. */
export interface Declared {
  readonly graph: GraphNames;
  /** For one that sees the whole image: its longest side there, in pixels. */
  readonly whole?: number;
}

/** The numbers that a network computes in, and why; it takes and gives fp32. */
export interface Arithmetic {
  readonly precision: Precision;
  /** One sentence. */
  readonly precisionReason: string;
}

/** A loaded network; it goes with its backend. */
export interface Session extends Arithmetic {
  /** As its manifest calls it. */
  readonly id: string;
  /** As a result's `models` have it; `null` as far as nothing is known. */
  readonly unrecorded: string | null;
  /**
   * Runs the network once. The buffers of `feeds` may be transferred: they are
   * the backend's from then on.
   *
   * @throws {LimpidError} `device-failed` when the runtime fails.
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}

/**
 * An image on a backend; its pixels come to the caller only when they are read.
 * It goes when it is disposed of, and with its backend; no canvas of it may be
 * open then.
 */
export interface DeviceImage extends Size, Disposable {
  /**
   * A copy of its pixels, RGBA.
   *
   * @throws {LimpidError} `device-failed`, `out-of-memory`
   */
  read(): Promise<Uint8ClampedArray<ArrayBuffer>>;
}

/** A place where networks run. */
export interface Backend extends AsyncDisposable {
  readonly device: Device;
  /** Why this device was taken, one sentence, adapter named. */
  readonly reason: string;
  /** Whether a `webgpu` device is a software renderer. */
  readonly software: boolean;
  /** Whether networks compute in fp16 where their results agree. */
  readonly half: boolean;
  /**
   * Why nothing works any more: `lost` with its device or Worker, on a new one
   * it may; or `wrong`, because the device gives wrong numbers and will again.
   */
  readonly broken: "lost" | "wrong" | null;
  /**
   * Loads an ONNX model (its bytes already verified).
   *
   * @param declared What its manifest says of it; the names are checked where given.
   * @throws {LimpidError} `model-corrupt` when it does not load or has other
   * inputs or outputs, `device-failed` when its self-check on this device gives
   * wrong numbers, or when fp16 was asked for and does not do.
   */
  load(
    id: string,
    model: Uint8Array<ArrayBuffer>,
    declared?: Declared,
  ): Promise<Session>;
  /** Takes an image; it is sent to the device when it is first needed there. */
  put(raster: PackedRaster): Promise<DeviceImage>;
  /**
   * Begins work on an image; close the canvas when done with it.
   *
   * @param maxSide For networks that see the image whole: to how many pixels
   * of its longest side it is reduced for them. Absent: they see tiles of it.
   * @param signal Once it aborts, tiles that wait for their turn are not run,
   * and nobody waits for the one under way.
   * @throws {LimpidError} `device-failed`, `out-of-memory`
   */
  open(
    image: DeviceImage,
    maxSide?: number,
    signal?: AbortSignal | null,
  ): Promise<Canvas<Session, DeviceImage>>;
  /** Averages an image to a smaller size. */
  reduce(image: DeviceImage, size: Size): Promise<DeviceImage>;
  /** Joins parts of an image; see `samplesOf`. */
  sample(image: DeviceImage): Promise<DeviceImage>;
  /** Carries a restoration to a finer level. */
  refine(refinement: Refinement<DeviceImage>): Promise<Refined<DeviceImage>>;
}
