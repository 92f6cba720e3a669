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
  file: string,
  asked: OutputFormat | null,
): OutputFormat | null {
  const extension = extname(file);
  if (extension === "") return asked;
  const format = formatOfExtension(extension);
  if (format !== null && format !== "unread" && isWritten(format)) {
    if (asked === null || asked === format) return format;
    throw new LimpidError(
      "invalid-option",
      `The file's extension ${extension} is that of a ${
        FORMATS[format].name
      } file, but the format is ${FORMATS[asked].name}; make them agree.`,
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
  file: string,
  bytes: Uint8Array,
): Promise<void> {
  const part = `${file}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, file);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw new LimpidError(
      "unwritable",
      error instanceof Deno.errors.NotCapable
        ? `${file} cannot be written: Deno was not given the permission to write in its folder (--allow-write), where a temporary file comes first.`
        : `${file} cannot be written; check the folder and its permissions.`,
      { cause: error },
    );
  }
}

/**
 * The path of the file that a caller names.
 *
 * @throws {LimpidError} `invalid-option` for what is no file's path or `file:` URL
 */
export function pathOf(path: string | URL): string {
  const url = typeof path === "string" && /^file:\//i.test(path)
    ? URL.parse(path)
    : path;
  if (typeof url === "string" && url !== "") return url;
  try {
    if (url instanceof URL && url.protocol === "file:") {
      return fileURLToPath(url);
    }
  } catch {
    // It has a host, or escapes that make no path.
  }
  throw new LimpidError(
    "invalid-option",
    "The place to save to is neither a file's path nor a file: URL; use encode() and send the bytes elsewhere.",
  );
}
