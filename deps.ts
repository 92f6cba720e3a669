/**
 * Every third-party package, with its exact version. Import maps do not apply
 * to modules that are imported by URL, so full `npm:` specifiers are here, and
 * in `prefetch.ts` once more. Heavy packages are named, not imported: Deno
 * fetches literal dynamic imports ahead of time, but one whose specifier is a
 * constant only when it runs.
 */

/** WebGPU and wasm runtime; `/jspi` is the smallest build that has both. */
export const ONNXRUNTIME_WEB = "npm:onnxruntime-web@1.30.0/jspi";
/**
 * Native CPU runtime; 271 MB unpacked, needs the ffi permission. From 1.29 on
 * it sends telemetry outside Windows, too, unless an environment variable
 * forbids that before it loads, which Limpid may lack the permission to set;
 * 1.27 sends none.
 */
export const ONNXRUNTIME_NODE = "npm:onnxruntime-node@1.27.0";
/** Types of both runtimes; types are erased, nothing is fetched for them. */
export type OnnxRuntime = typeof import("npm:onnxruntime-common@1.30.0");
export type {
  InferenceSession as OnnxSession,
  Tensor as OnnxTensor,
} from "npm:onnxruntime-common@1.30.0";

/** libjpeg-turbo: JPEG decoder and encoder, 0.6 MB. */
export const LIBJPEG_TURBO =
  "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/wasmjs";
export const LIBJPEG_TURBO_WASM =
  "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/wasm";
/**
 * imagescript's wasm decoders (PNG, GIF). Its public entry loads a native
 * addon; these are private files, so the version must be exact.
 */
export const IMAGESCRIPT_WASM = {
  png: "npm:imagescript@1.3.1/wasm/any/png.wasm",
  gif: "npm:imagescript@1.3.1/wasm/any/gif.wasm",
} as const;
/** ImageMagick, 15 MB, for files that the small decoders do not read. */
export const MAGICK = "npm:@imagemagick/magick-wasm@0.0.43";
export const MAGICK_WASM = "npm:@imagemagick/magick-wasm@0.0.43/magick.wasm";
/** Types of {@linkcode MAGICK}. */
export type Magick = typeof import("npm:@imagemagick/magick-wasm@0.0.43");
/**
 * A decoder of 16-bit PNG, 0.2 MB. Its script draws on browsers' ImageData and
 * keeps one instance for good, so only its `.wasm` is used, whose imports have
 * names of their own in each version: the version must be exact.
 */
export const DEEP_PNG_WASM =
  "npm:@jsquash/png@3.1.1/codec/pkg/squoosh_png_bg.wasm";
/** libwebp: decoder and encoder are separate modules. */
export const WEBP_DECODER = "npm:@jsquash/webp@1.5.0/codec/dec/webp_dec.js";
export const WEBP_DECODER_WASM =
  "npm:@jsquash/webp@1.5.0/codec/dec/webp_dec.wasm";
export const WEBP_ENCODER =
  "npm:@jsquash/webp@1.5.0/codec/enc/webp_enc_simd.js";
export const WEBP_ENCODER_WASM =
  "npm:@jsquash/webp@1.5.0/codec/enc/webp_enc_simd.wasm";

/** Signs requests to S3 (Signature Version 4); no dependencies, 73 kB. */
export const AWS4FETCH = "npm:aws4fetch@1.0.20";
/** Types of {@linkcode AWS4FETCH}. */
export type Aws4fetch = typeof import("npm:aws4fetch@1.0.20");

/** Reads and writes protocol buffers (ONNX files) by field; no dependencies. */
export const PROTOBUF_WIRE = "npm:@bufbuild/protobuf@2.17.0/wire";
/** Types of {@linkcode PROTOBUF_WIRE}. */
export type ProtobufWire = typeof import("npm:@bufbuild/protobuf@2.17.0/wire");
