/** Implements a result's `save()`. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { LimpidError } from "../errors.ts";
import {
  formatOfExtension,
  FORMATS,
  isWritten,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../formats.ts";

/**
 * The format of a file: the one that is asked for, else what its name promises;
 * `null` where neither says.
 *
 * @throws {LimpidError} `invalid-option` where the two differ, and where what the name promises cannot be written
 */
export function formatFor(
  path: string | URL,
  asked: OutputFormat | null,
): OutputFormat | null {
  const extension = extname(path instanceof URL ? path.pathname : path);
  if (extension === "") return asked;
  const format = formatOfExtension(extension);
  if (format !== null && format !== "unread" && isWritten(format)) {
    if (asked === null || asked === format) return format;
    throw new LimpidError(
      "invalid-option",
      `The file's extension ${extension} is that of a ${format} file, but the format is ${asked}; make them agree.`,
    );
  }
  const written = OUTPUT_FORMATS.map((each) => FORMATS[each].extensions[0]);
  throw new LimpidError(
    "invalid-option",
    `The file's extension is ${extension}; it must be one of ${
      written.join(", ")
    }.`,
  );
}

/**
 * Writes a temporary file beside the target and renames it, so that the target
 * is complete or absent.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function saveFile(
  path: string | URL,
  bytes: Uint8Array,
): Promise<void> {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  const part = `${file}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, file);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw new LimpidError(
      "unwritable",
      `${file} cannot be written; check the folder and its permissions.`,
      { cause: error },
    );
  }
}
