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
 * The format that a file's name promises; `null` for a name without extension.
 *
 * @throws {LimpidError} `invalid-option` where that format cannot be written
 */
export function promisedFormat(path: string | URL): OutputFormat | null {
  const extension = extname(path instanceof URL ? path.pathname : path);
  if (extension === "") return null;
  const format = formatOfExtension(extension);
  if (format !== null && format !== "unread" && isWritten(format)) {
    return format;
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
