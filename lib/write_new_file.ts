/** Writes files that are on their disk before they are renamed. */

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
  await file.syncData();
}

/** Writes all of the bytes where the file is. */
export async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
}
