/** Files that are there in full or not at all. */
import { dirname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import { printable } from "./terminal.ts";

/** Files that are being written. */
const parts = new Set<string>();

/** Removes the files that are being written, when there is no time to finish. */
export function removeParts(): void {
  for (const part of parts) {
    try {
      Deno.removeSync(part);
    } catch {
      // Renamed already, or never begun.
    }
  }
}

/**
 * Writes beside `path` and renames, so that nothing is left behind by a
 * failure and what was there before stays until the new file is complete. A
 * link at `path` is replaced, not followed.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function writeFile(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const info = await Deno.lstat(path).catch(() => null);
  if (info !== null && !info.isFile && !info.isSymlink) {
    throw new LimpidError(
      "unwritable",
      `${printable(path)} is not a regular file; choose another output.`,
    );
  }
  const part = partPath(dirname(path));
  parts.add(part);
  try {
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw unwritable(path, error);
  } finally {
    parts.delete(part);
  }
}

/** Writes to standard output. */
export async function writeStandardOutput(bytes: Uint8Array): Promise<void> {
  while (bytes.length > 0) {
    bytes = bytes.subarray(await Deno.stdout.write(bytes));
  }
}

/**
 * Makes sure that files can be written in a folder.
 *
 * @param create Whether to create the folder where it is missing.
 * @throws {LimpidError} `unwritable`
 */
export async function checkWritable(
  folder: string,
  create: boolean,
): Promise<void> {
  const part = partPath(folder);
  try {
    if (create) await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(part, new Uint8Array(), { createNew: true });
    await Deno.remove(part);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function partPath(folder: string): string {
  return join(folder, `.limpid-${crypto.randomUUID()}.part`);
}

/** By the system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "the folder does not exist",
  ENOSPC: "the disk is full",
  EEXIST: "a file is in the place of its folder",
  ENOTDIR: "a file is in the place of its folder",
};

function unwritable(path: string, error: unknown): LimpidError {
  const why = REASONS[(error as { code?: string }).code ?? ""] ??
    "check the folder and its permissions";
  return new LimpidError(
    "unwritable",
    `${printable(path)} cannot be written; ${why}.`,
    { cause: error },
  );
}
