/**
 * Limpid restores photographs spoiled by rain streaks, raindrops on the lens,
 * haze or motion blur. It finds where an image is damaged and restores only
 * there; all other pixels keep their bytes.
 *
 * @example Restore an image
 * ```ts ignore
 * import { restore } from "limpid";
 *
 * const result = await restore("rain.jpg");
 * console.log(result.task, result.coverage);
 * await result.save("restored.jpg");
 * ```
 *
 * @module
 */
import {
  type MaskOptions,
  maskSettings,
  restoreSettings,
  splitOptions,
} from "./lib/options.ts";
import { createRestorer, type Restorer } from "./lib/restorer.ts";
import type {
  Input,
  MaskResult,
  RestoreOptions,
  RestoreResult,
  RestorerOptions,
} from "./lib/types.ts";

export * from "./lib/types.ts";
export { type ErrorCode, LimpidError } from "./lib/errors.ts";
export { createRestorer, type MaskOptions, type Restorer };

/**
 * Restores an image. For more than one, {@linkcode createRestorer} is faster:
 * this function opens the device and loads the networks every time.
 *
 * @param input An image file (PNG, JPEG, WebP, GIF, BMP, TIFF, HEIC, AVIF) as
 * path, bytes, `Blob`, `ReadableStream`, `Response` or `URL`, or raw pixels. Do
 * not write to raw pixels while the result is in use; the bytes of a file are copied.
 * @param options Options of {@linkcode Restorer.restore} and
 * {@linkcode createRestorer}.
 * @returns the restored pixels, the mask, what was found, and `encode()`.
 * @throws {LimpidError} {@linkcode ErrorCode} lists the codes.
 *
 * @example
 * ```ts
 * import { restore } from "limpid";
 * import assert from "node:assert/strict";
 *
 * const grey = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 4).fill(99) };
 * const result = await restore(grey, { task: "rain", device: "wasm" });
 * assert.equal(result.pixels.width, 40);
 * assert.deepEqual((await result.encode()).subarray(1, 4), new TextEncoder().encode("PNG"));
 * ```
 */
export async function restore(
  input: Input,
  options: RestoreOptions & RestorerOptions = {},
): Promise<RestoreResult> {
  const { restorer: means, image } = splitOptions<RestoreOptions>(options);
  // Check options before the device is opened, which takes a second.
  restoreSettings(image);
  await using restorer = await createRestorer(means);
  return await restorer.restore(input, image);
}

/**
 * Finds where an image is damaged and by what, without restoring it.
 *
 * @param input As for {@linkcode restore}.
 * @param options Options of {@linkcode Restorer.predictMask} and
 * {@linkcode createRestorer}.
 * @returns the mask, what was found, and `encodeMask()`.
 * @throws {LimpidError} {@linkcode ErrorCode} lists the codes.
 *
 * @example
 * ```ts
 * import { predictMask } from "limpid";
 * import assert from "node:assert/strict";
 *
 * const grey = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 4).fill(99) };
 * const { mask, probabilities } = await predictMask(grey, { task: "rain", device: "wasm" });
 * assert.equal(mask.data.length, 40 * 30);
 * assert.ok(probabilities.rain >= 0 && probabilities.rain <= 1);
 * ```
 */
export async function predictMask(
  input: Input,
  options: MaskOptions & RestorerOptions = {},
): Promise<MaskResult> {
  const { restorer: means, image } = splitOptions<MaskOptions>(options);
  maskSettings(image);
  await using restorer = await createRestorer(means);
  return await restorer.predictMask(input, image);
}
