/**
 * What the main thread and the Worker that holds the runtime say to each
 * other: one request at a time, one reply to each, and at any time the news
 * that the device is lost, or that a network runs step by step.
 */
import type { Canvas } from "./canvas/canvas.ts";
import type { Refined, Refinement } from "../pixels/refine.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Device, Precision } from "../types.ts";
import type { Arithmetic, Declared, Tensor } from "./backend.ts";
import type { Unavailable } from "./unavailable.ts";

/** Makes the runtime ready; the first request, sent once. */
export interface OpenRequest {
  readonly kind: "open";
  readonly device: Device;
  /** Module specifier of the runtime. */
  readonly runtime: string;
  /** Threads for `cpu`; the others have one. */
  readonly threads: number;
  /** Whether `webgpu` may be a software renderer. */
  readonly software: boolean;
  /** What networks are to compute in; `auto`: fp16 where it does. */
  readonly precision: Precision | "auto";
}

/** Loads a model under a number that the main thread chose. */
export interface LoadRequest {
  readonly kind: "load";
  readonly network: number;
  readonly id: string;
  readonly model: Uint8Array<ArrayBuffer>;
  readonly declared: Declared | null;
}

/** Runs a loaded model. */
export interface RunRequest {
  readonly kind: "run";
  readonly network: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** An image that the Worker holds. */
export interface ImageRef extends Size {
  readonly image: number;
}

/** Takes an image. */
export interface PutRequest {
  readonly kind: "put";
  /** In memory that both threads see: nothing is copied, and it outlives the Worker. */
  readonly raster: PackedRaster;
}

/** Reads an image. */
export interface ReadRequest {
  readonly kind: "read";
  readonly image: number;
}

/** Frees an image. */
export interface FreeRequest {
  readonly kind: "free";
  readonly image: number;
}

/** Begins work on an image, under a number that the main thread chose. */
export interface CanvasOpenRequest {
  readonly kind: "open-canvas";
  readonly canvas: number;
  readonly image: number;
  /** To what it is reduced; absent: tiles of it are seen. */
  readonly maxSide?: number | undefined;
}

/** Averages an image to a smaller size. */
export interface ReduceRequest {
  readonly kind: "reduce";
  readonly image: number;
  readonly size: Size;
}

/** Joins parts of an image. */
export interface SampleRequest {
  readonly kind: "sample";
  readonly image: number;
}

/** Carries a restoration to a finer level. */
export interface RefineRequest {
  readonly kind: "refine";
  readonly refinement: Refinement<number>;
}

/** A call of a canvas's method, networks by their numbers. */
export type CanvasCall = {
  [M in keyof Canvas<number, ImageRef>]: {
    readonly method: M;
    readonly args: Parameters<Canvas<number, ImageRef>[M]>;
  };
}[keyof Canvas<number, ImageRef>];

/** Calls a method of a canvas. */
export interface CanvasRequest {
  readonly kind: "canvas";
  readonly canvas: number;
  readonly call: CanvasCall;
}

/** What a canvas's method gives. */
export type CanvasAnswer<M extends keyof Canvas<number, ImageRef>> = Awaited<
  ReturnType<Canvas<number, ImageRef>[M]>
>;

/** Frees all loaded models; the last request. */
export interface CloseRequest {
  readonly kind: "close";
}

/** Anything that the main thread asks. */
export type Request =
  | OpenRequest
  | LoadRequest
  | RunRequest
  | PutRequest
  | ReadRequest
  | FreeRequest
  | ReduceRequest
  | SampleRequest
  | RefineRequest
  | CanvasOpenRequest
  | CanvasRequest
  | CloseRequest;

/** What is ready. */
export interface Opened {
  /** The device with its adapter or threads: `webgpu with NVIDIA H100`. */
  readonly name: string;
  /** Whether it is a software renderer. */
  readonly software: boolean;
  /** Whether networks may compute in fp16. */
  readonly half: boolean;
}

/** What each request is answered with. */
export interface Answers {
  readonly open: Opened | Unavailable;
  readonly load: Arithmetic;
  readonly run: Readonly<Record<string, Tensor>>;
  readonly put: ImageRef;
  readonly read: Uint8ClampedArray<ArrayBuffer>;
  readonly free: null;
  readonly reduce: ImageRef;
  readonly sample: ImageRef;
  readonly refine: Refined<ImageRef>;
  readonly "open-canvas": null;
  readonly canvas: CanvasAnswer<keyof Canvas<number, ImageRef>>;
  readonly close: null;
}

/** What the Worker says beside its answers, and with them. */
export type Notice =
  | { readonly kind: "answer" }
  | {
    readonly kind: "error";
    /** Whether the device was found to give wrong numbers. */
    readonly wrong?: boolean;
  }
  | { readonly kind: "lost"; readonly message: string }
  | {
    /** Runs of a network are not recorded any more. */
    readonly kind: "unrecorded";
    readonly network: number;
    readonly why: string;
  };

/** The buffers of all arrays in an answer or a request, each once: handed over with a message instead of copied. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(buffersOf))];
}
