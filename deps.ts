/**
 * Every third-party package, with its exact version. Import maps do not reach
 * modules that are imported by URL, so full `npm:` specifiers stand here and
 * nowhere else. Heavy packages are named, not imported: Deno fetches literal
 * dynamic imports ahead of time, one held in a constant only when it is used.
 */

/** WebGPU and wasm runtime; `/jspi` is the smallest build that has both. */
export const ONNXRUNTIME_WEB = "npm:onnxruntime-web@1.30.0/jspi";
/** Native CPU runtime; 288 MB unpacked, needs the ffi permission. */
export const ONNXRUNTIME_NODE = "npm:onnxruntime-node@1.30.0";
/** What both runtimes look like; types are erased, nothing is fetched for them. */
export type OnnxRuntime = typeof import("npm:onnxruntime-common@1.30.0");
export type {
  InferenceSession as OnnxSession,
} from "npm:onnxruntime-common@1.30.0";
