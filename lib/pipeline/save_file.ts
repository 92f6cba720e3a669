/** Implements a result's `save()`. */
import { fileURLToPath } from "node:url";
import { LimpidError } from "../errors.ts";
import { unwritable } from "../write_fault.ts";
import { writeNewFile } from "../write_new_file.ts";

/**
 * Writes a temporary file beside the target and renames it, so that the target
 * is complete or absent. It has the permissions of a file that it replaces.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function saveFile(
  file: string,
  bytes: Uint8Array,
): Promise<void> {
  const there = await Deno.stat(file).catch(() => null);
  if (there !== null && !there.isFile && !there.isDirectory) {
    throw new LimpidError(
      "unwritable",
      `${file} is no regular file; choose another place, or use encode() and write the bytes to it.`,
    );
  }
  const part = `${file}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    const mode = there?.mode == null ? undefined : there.mode & 0o777;
    await writeNewFile(part, bytes, mode);
    await Deno.rename(part, file);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    if (!(error instanceof Deno.errors.NotCapable)) {
      throw unwritable(file, error);
    }
    throw new LimpidError(
      "unwritable",
      `${file} cannot be written: Deno was not given the permission to write in its folder (--allow-write), where a temporary file comes first.`,
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
