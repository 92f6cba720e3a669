/** Files that are there in full or not at all. */
import { dirname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import { outputFault, printable } from "../flags/terminal.ts";
import { unwritable } from "../flags/write_fault.ts";

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
 * link at `path` is replaced, not followed. Who could read what is replaced
 * can read the new file, and nobody else.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function writeFile(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  await checkReplaceable(path);
  const part = partPath(dirname(path));
  parts.add(part);
  try {
    const old = await Deno.stat(path).catch(() => null);
    const mode = old?.mode == null ? {} : { mode: old.mode & 0o777 };
    await Deno.writeFile(part, bytes, { createNew: true, ...mode });
    if (old !== null) await takeOver(part, old);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw unwritable(printable(path), error);
  } finally {
    parts.delete(part);
  }
}

/** Gives a new file the owner and the mode of an old one. */
async function takeOver(path: string, old: Deno.FileInfo): Promise<void> {
  const { uid, gid, mode } = old;
  if (mode === null) return;
  const now = await Deno.stat(path);
  if (uid !== null && gid !== null && (now.uid !== uid || now.gid !== gid)) {
    // Only root may give files away; others own what they write.
    await Deno.chown(path, uid, gid).catch(() => {});
  }
  // What was created lacks the bits of the umask.
  await Deno.chmod(path, mode & 0o777);
}

/**
 * Makes sure that nothing is at `path` but a file, or a link to one, that may
 * be replaced.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function checkReplaceable(path: string): Promise<void> {
  const [own, target] = await Promise.all([
    Deno.lstat(path).catch(() => null),
    Deno.stat(path).catch(() => null),
  ]);
  // A link that leads nowhere may go; one to a device, as /dev/stdout, may not.
  if (own === null || (target ?? own).isFile || (own.isSymlink && !target)) {
    return;
  }
  throw new LimpidError(
    "unwritable",
    `${
      printable(path)
    } is not a regular file; choose another output, or - for standard output.`,
  );
}

/**
 * Writes to standard output.
 *
 * @throws {Deno.errors.BrokenPipe} where the reader has left
 * @throws {LimpidError} `unwritable`
 */
export async function writeStandardOutput(bytes: Uint8Array): Promise<void> {
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(await Deno.stdout.write(bytes));
    }
  } catch (error) {
    throw outputFault(error);
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
    throw unwritable(printable(folder), error);
  }
}

function partPath(folder: string): string {
  return join(folder, `.limpid-${crypto.randomUUID()}.part`);
}
