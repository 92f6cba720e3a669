/**
 * Codes of errors, for programs. They are part of the interface and do not
 * change; the command line prints them, and the service sends them.
 *
 * | code | meaning |
 * |---|---|
 * | `empty-input` | the input has no bytes |
 * | `not-an-image` | the bytes are of no known image format |
 * | `unsupported-format` | a known image format that Limpid does not read (JPEG XL, SVG, ...) |
 * | `corrupt-image` | the format is known, but the file is truncated, damaged or contradicts itself |
 * | `too-many-pixels` | the header declares more pixels than the limit |
 * | `too-many-bytes` | the input is longer than the limit |
 * | `too-much-memory` | the image takes more memory than the limit allows, or than is available |
 * | `invalid-option` | an option is outside its range or has the wrong type |
 * | `not-found` | the input file does not exist |
 * | `unreadable` | the input exists but cannot be read |
 * | `unwritable` | the output, the models' cache or a bucket cannot be written |
 * | `model-missing` | a model or manifest could not be found or fetched |
 * | `model-corrupt` | a model differs in size or sha256 from its manifest, refers to other files, or does not load |
 * | `device-unavailable` | the device asked for cannot be opened here |
 * | `device-failed` | the device or its runtime stopped working, or did not finish |
 * | `codec-failed` | an image codec stopped working, did not finish, or could not be fetched |
 * | `out-of-memory` | the device has too little memory, even for the smallest tiles |
 * | `aborted` | the caller's signal stopped the work |
 */
export type ErrorCode =
  | "empty-input"
  | "not-an-image"
  | "unsupported-format"
  | "corrupt-image"
  | "too-many-pixels"
  | "too-many-bytes"
  | "too-much-memory"
  | "invalid-option"
  | "not-found"
  | "unreadable"
  | "unwritable"
  | "model-missing"
  | "model-corrupt"
  | "device-unavailable"
  | "device-failed"
  | "codec-failed"
  | "out-of-memory"
  | "aborted";

/**
 * Every error that Limpid throws on purpose: one sentence that says what is
 * wrong, where, and what to do, and a stable {@linkcode ErrorCode}.
 *
 * @example
 * ```ts
 * import { LimpidError } from "limpid";
 * import assert from "node:assert/strict";
 *
 * const error = new LimpidError("empty-input", "The input is empty.");
 * assert.equal(error.code, "empty-input");
 * ```
 */
export class LimpidError extends Error {
  /** `LimpidError`, always. */
  override readonly name = "LimpidError";
  /** The stable code, for programs. */
  readonly code: ErrorCode;

  /**
   * Makes an error for callers.
   *
   * @param code Stable code, for programs.
   * @param message One sentence for people; it must not hold secrets.
   * @param options `cause`: the internal error, for logs only.
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns a {@linkcode LimpidError} as it is; wraps any other under `code`. */
export function asLimpidError(
  error: unknown,
  code: ErrorCode,
  message: string,
): LimpidError {
  return error instanceof LimpidError
    ? error
    : new LimpidError(code, message, { cause: error });
}
