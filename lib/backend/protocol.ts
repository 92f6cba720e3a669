/**
 * What the main thread and the Worker that holds the runtime say to each
 * other: one request at a time, one reply to each, and at any time the news
 * that the device is lost.
 */
import type { ErrorCode } from "../errors.ts";
import type { Device } from "../types.ts";
import type { GraphNames, Tensor } from "./backend.ts";
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
}

/** Loads a model under a number that the main thread chose. */
export interface LoadRequest {
  readonly kind: "load";
  readonly network: number;
  readonly id: string;
  readonly model: Uint8Array<ArrayBuffer>;
  /** What the model must take and give, where it was declared. */
  readonly names: GraphNames | null;
}

/** Runs a loaded model. */
export interface RunRequest {
  readonly kind: "run";
  readonly network: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Frees a loaded model. */
export interface ReleaseRequest {
  readonly kind: "release";
  readonly network: number;
}

/** Frees all loaded models; the last request. */
export interface CloseRequest {
  readonly kind: "close";
}

/** Anything that the main thread asks. */
export type Request =
  | OpenRequest
  | LoadRequest
  | RunRequest
  | ReleaseRequest
  | CloseRequest;

/** What is ready. */
export interface Opened {
  /** The device with its adapter or threads: `webgpu with NVIDIA H100`. */
  readonly name: string;
}

/** What each request is answered with. */
export interface Answers {
  readonly open: Opened | Unavailable;
  readonly load: null;
  readonly run: Readonly<Record<string, Tensor>>;
  readonly release: null;
  readonly close: null;
}

/** Anything that the Worker says. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Answers[keyof Answers] }
  | {
    readonly kind: "error";
    readonly code: ErrorCode;
    readonly message: string;
    /** The runtime's own words, for logs. */
    readonly cause: string;
  }
  | { readonly kind: "lost"; readonly message: string };

/** The buffers of tensors, each once: handed over with a message instead of copied. */
export function buffersOf(
  tensors: Readonly<Record<string, Tensor>>,
): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer))];
}
