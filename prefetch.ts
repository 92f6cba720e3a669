// deno-lint-ignore-file no-import-prefix -- import maps do not apply to modules that are imported by URL
/**
 * Names everything that Limpid fetches only when it is first used: its Workers
 * and npm packages. `deno cache` follows these imports, so that a program can
 * then run without a registry (`--cached-only`) or with a lock file that must
 * not change (`--frozen`). Nothing of it runs.
 *
 * ```sh
 * deno cache https://HOST/limpid/prefetch.ts
 * ```
 *
 * @module
 */
export * from "./mod.ts";

/** Never called. Packages are those of `deps.ts`; a test compares them. */
export const FIRST_USED: readonly (() => Promise<unknown>)[] = [
  () => import("./lib/runtime/worker.ts"),
  () => import("./lib/codecs/worker.ts"),
  () => import("npm:onnxruntime-web@1.30.0/jspi"),
  () => import("npm:onnxruntime-node@1.27.0"),
  () => import("npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/wasmjs"),
  () => import("npm:imagescript@1.3.1"),
  () => import("npm:@imagemagick/magick-wasm@0.0.43"),
  () => import("npm:@jsquash/png@3.1.1"),
  () => import("npm:@jsquash/webp@1.5.0"),
  () => import("npm:aws4fetch@1.0.20"),
  () => import("npm:@bufbuild/protobuf@2.17.0/wire"),
];
