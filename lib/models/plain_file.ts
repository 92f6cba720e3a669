/** Opens files safely in folders that others may write to. */

/**
 * Whether a path is a plain file: not a link, which may lead anywhere, and not
 * a pipe, which would block whoever opens it.
 */
export async function isPlainFile(path: string): Promise<boolean> {
  const info = await Deno.lstat(path).catch(() => null);
  return info?.isFile ?? false;
}

/** Opens a plain file for reading; `null` where there is none. */
export async function openPlainFile(path: string): Promise<Deno.FsFile | null> {
  const before = await Deno.lstat(path).catch(() => null);
  if (before === null || !before.isFile) return null;
  const file = await Deno.open(path).catch(() => null);
  if (file === null) return null;
  const { ino, dev } = await file.stat();
  if (ino === before.ino && dev === before.dev) return file;
  file.close();
  return null;
}
