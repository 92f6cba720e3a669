/** Folders in which systems keep what is deleted, found again or derived. */
const OF_SYSTEMS =
  /^(\$recycle\.bin|system volume information|lost\+found|@eadir)$/i;

/**
 * Whether a name in a folder is hidden: it begins with a dot, or a system keeps
 * a folder of that name on the disks that it mounts, whoever reads them next.
 */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || OF_SYSTEMS.test(name);
}
