/** Writes files that are on their disk before they are renamed. */

/** Codes of a disk that did not keep the bytes. */
const LOST = ["ENOSPC", "EDQUOT", "EFBIG", "EIO"];

/**
 * Writes a file that is not there yet, and waits until its disk has it: over a
 * network some file systems tell only then that there is no room, and a system
 * that breaks down may keep a name, and not the bytes that were given it last.
 *
 * @param mode Its permissions, whatever the umask is.
 */
export async function writeNewFile(
  path: string,
  bytes: Uint8Array,
  mode?: number,
): Promise<void> {
  const how = { write: true, createNew: true } as const;
  using file = await Deno.open(
    path,
    mode === undefined ? how : { ...how, mode },
  );
  await writeAll(file, bytes);
  if (mode !== undefined) await Deno.chmod(path, mode);
  await waitForDisk(file);
}

/** Writes all of the bytes where the file is. */
export async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
}

/**
 * Waits until the disk has what was written. Any other fault than that it has
 * not is of a file system that cannot tell: on macOS those of shares refuse to
 * be asked, each with a code of its own.
 */
export async function waitForDisk(file: Deno.FsFile): Promise<void> {
  try {
    await file.syncData();
  } catch (error) {
    if (LOST.includes((error as { code?: string }).code!)) throw error;
  }
}
