/** Whether a Worker can be started without ending the process. */

/** Descriptors that a Worker of Deno (2.9.6) takes are 6; others may be taken meanwhile. */
const ENOUGH = 16;
/** Can be opened whatever is on the disk. */
const NOTHING = "/dev/null";

/**
 * Whether enough file descriptors are left for a new Worker: where they are not,
 * Deno (2.9.6) ends the whole process instead of throwing an error. Where this
 * cannot be tried, as without the read permission, they are taken to be.
 */
export function hasDescriptors(): boolean {
  if (Deno.build.os === "windows") return true;
  const place = { name: "read", path: NOTHING } as const;
  if (Deno.permissions.querySync(place).state !== "granted") return true;
  const opened: Deno.FsFile[] = [];
  try {
    while (opened.length < ENOUGH) opened.push(Deno.openSync(NOTHING));
    return true;
  } catch (error) {
    return !["EMFILE", "ENFILE"].includes((error as { code?: string }).code!);
  } finally {
    for (const file of opened) file.close();
  }
}
