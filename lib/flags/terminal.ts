/** Writes to the terminal; names of files and models may be hostile. */
import type { LimpidError } from "../errors.ts";
import { unwritable } from "../write_fault.ts";

/** Characters that control terminals: control and formatting characters. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with control characters replaced by `?`. */
export function printable(text: string): string {
  return text.replace(OBEYED, "?");
}

/** Lines with each cell padded to the width of its column. */
export function columns(
  rows: readonly (readonly string[])[],
  indent = "",
): string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((cells) => cells[i]!.length))
  );
  return rows.map((cells) =>
    indent +
    cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
}

/** The value as one line of JSON with escaped control characters. */
export function jsonLine(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return JSON.stringify(value, replacer).replace(
    OBEYED,
    (character) =>
      character.split("").map((unit) =>
        `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
      ).join(""),
  );
}

/** Writes the whole text, and returns once it is written. */
export function writeText(
  to: { writeSync(p: Uint8Array): number },
  text: string,
): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
}

/** Writes to standard error; ignores failures, as nobody could read them. */
export function complain(text: string): void {
  try {
    writeText(Deno.stderr, text);
  } catch {
    // The exit code tells of the failure, too.
  }
}

/**
 * Writes lines to standard output, without control characters.
 *
 * @throws {Deno.errors.BrokenPipe} where the reader has closed the output
 * @throws {LimpidError} `unwritable`
 */
export function print(...lines: readonly string[]): void {
  try {
    writeText(Deno.stdout, lines.map((l) => printable(l) + "\n").join(""));
  } catch (error) {
    throw outputFault(error);
  }
}

/** The fault of standard output: the reader closed it, or writing failed. */
export function outputFault(
  error: unknown,
): Deno.errors.BrokenPipe | LimpidError {
  if (error instanceof Deno.errors.BrokenPipe) return error;
  return unwritable("Standard output", error);
}
