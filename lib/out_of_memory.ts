/** The end of memory, as JavaScript tells it and as callers are told. */
import { LimpidError } from "./errors.ts";

/** Whether an error says that there is no more memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError &&
    /out of memory|allocat/i.test(error.message);
}

/** The error for callers where {@linkcode isOutOfMemory}. */
export function outOfMemory(cause: unknown): LimpidError {
  return new LimpidError(
    "too-much-memory",
    "There is not enough memory for the image; use a smaller one, or smaller tiles.",
    { cause },
  );
}
