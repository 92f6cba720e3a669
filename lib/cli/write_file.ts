/** Writes files so that they are complete or absent. */
import { dirname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import { outputFault, printable } from "../flags/terminal.ts";
import { unwritable } from "../write_fault.ts";
import { writeNewFile } from "../write_new_file.ts";

/** The names that {@linkcode partPath} makes. */
const PART = /^\.limpid-[0-9a-f-]{36}\.part$/;
/** From this age on, in milliseconds, a temporary file is what a killed process left. */
const STALE = 24 * 60 * 60 * 1000;

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
 * Writes a file beside `path` and renames it, so that a failure leaves nothing
 * behind and an old file stays until the new one is complete. A link at `path`
 * is replaced, not followed. The new file has the owner and permissions of the
 * old one.
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
    const mode = old?.mode == null ? undefined : old.mode & 0o777;
    await writeNewFile(part, bytes, mode);
    if (old !== null) await takeOver(part, old);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw unwritable(printable(path), error);
  } finally {
    parts.delete(part);
  }
}

/** Gives a new file the owner of an old one. */
async function takeOver(
  path: string,
  { uid, gid }: Deno.FileInfo,
): Promise<void> {
  const now = await Deno.stat(path);
  if (uid === null || gid === null || (now.uid === uid && now.gid === gid)) {
    return;
  }
  // Only root may change owners.
  await Deno.chown(path, uid, gid).catch(() => {});
}

/**
 * Makes sure that `path` is absent, a file, or a link to a file or to nothing.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function checkReplaceable(path: string): Promise<void> {
  const [own, target] = await Promise.all([
    Deno.lstat(path).catch(() => null),
    Deno.stat(path).catch(() => null),
  ]);
  // A broken link may be replaced; one to a device (/dev/stdout) may not.
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
 * @throws {Deno.errors.BrokenPipe} where the reader has closed the output
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
 * Makes sure that files can be written in a folder, and removes what processes
 * that were killed there left behind.
 *
 * @param create Whether to create the folder where it is missing.
 * @throws {LimpidError} `unwritable`
 */
export async function prepareFolder(
  folder: string,
  create: boolean,
): Promise<void> {
  try {
    if (create) await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(printable(folder), error);
  }
  await checkWritable(folder);
  await removeStale(folder);
}

/**
 * Makes sure that files can be written in a folder that is there.
 *
 * @throws {LimpidError} `unwritable`
 */
export async function checkWritable(folder: string): Promise<void> {
  const part = partPath(folder);
  try {
    await Deno.writeFile(part, new Uint8Array(), { createNew: true });
    await Deno.remove(part);
  } catch (error) {
    throw unwritable(printable(folder), error);
  }
}

async function removeStale(folder: string): Promise<void> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || !PART.test(name)) continue;
      const path = join(folder, name);
      const { mtime } = await Deno.lstat(path);
      if (mtime !== null && Date.now() - mtime.getTime() > STALE) {
        await Deno.remove(path);
      }
    }
  } catch {
    // A folder that may be written but not listed, or another process was faster.
  }
}

function partPath(folder: string): string {
  return join(folder, `.limpid-${crypto.randomUUID()}.part`);
}
