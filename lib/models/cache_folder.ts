/** Finds the folder for downloaded models. */
import { join } from "node:path";
import { type Environment, variableIfGranted } from "../permissions.ts";

/**
 * LIMPID_CACHE_DIR, else `limpid` in XDG_CACHE_HOME, else in the platform's
 * cache folder; `null` where none of their variables is set or may be read.
 */
export function cacheFolder(
  lookup: Environment = variableIfGranted,
  os: typeof Deno.build.os = Deno.build.os,
): string | null {
  const own = lookup("LIMPID_CACHE_DIR");
  if (own !== undefined) return own;
  const [variable, ...path] = os === "windows"
    ? ["LOCALAPPDATA", "limpid", "cache"] as const
    : os === "darwin"
    ? ["HOME", "Library", "Caches", "limpid"] as const
    : ["HOME", ".cache", "limpid"] as const;
  const shared = lookup("XDG_CACHE_HOME");
  if (shared !== undefined) return join(shared, "limpid");
  const base = lookup(variable);
  return base === undefined ? null : join(base, ...path);
}
