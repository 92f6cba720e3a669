/** Recognises JavaScript's out-of-memory errors, and converts them. */
import { LimpidError } from "./errors.ts";

/** Whether an error means that memory ran out. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError &&
    /out of memory|allocat/i.test(error.message);
}

/** The caller's error for one that {@linkcode isOutOfMemory} recognises. */
export function outOfMemory(cause: unknown): LimpidError {
  return new LimpidError(
    "too-much-memory",
    "There is not enough memory for the image; use a smaller one, or smaller tiles.",
    { cause },
  );
}
