/** What is safe to show, names of files and models come from outside, and how it is shown. */
import type { LimpidError } from "../errors.ts";
import { unwritable } from "./write_fault.ts";

/** What terminals obey instead of showing it: control and formatting characters. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with what terminals obey as `?`. */
export function printable(text: string): string {
  return text.replace(OBEYED, "?");
}

/** The value as one line of JSON, in which what terminals obey is escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    OBEYED,
    (character) =>
      character.split("").map((unit) =>
        `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
      ).join(""),
  );
}

/** Writes all of it, and returns once it is written. */
export function writeText(
  to: { writeSync(p: Uint8Array): number },
  text: string,
): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
}

/** Writes to standard error; where that fails, there is nobody to tell. */
export function complain(text: string): void {
  try {
    writeText(Deno.stderr, text);
  } catch {
    // The exit code says it too.
  }
}

/**
 * Writes lines to standard output, without what terminals obey.
 *
 * @throws {Deno.errors.BrokenPipe} where the reader has left
 * @throws {LimpidError} `unwritable`
 */
export function print(...lines: readonly string[]): void {
  try {
    writeText(Deno.stdout, lines.map((l) => printable(l) + "\n").join(""));
  } catch (error) {
    throw outputFault(error);
  }
}

/** What became of standard output: its reader has left, or it cannot be written. */
export function outputFault(
  error: unknown,
): Deno.errors.BrokenPipe | LimpidError {
  if (error instanceof Deno.errors.BrokenPipe) return error;
  return unwritable("Standard output", error);
}
