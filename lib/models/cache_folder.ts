/** Finds the folder for downloaded models. */
import { join } from "node:path";
import { variableIfGranted } from "../permissions.ts";
import type { Lookup } from "./s3_credentials.ts";

/**
 * LIMPID_CACHE_DIR, else `limpid` in XDG_CACHE_HOME, else in the platform's
 * cache folder; `null` where none of their variables is set or may be read.
 */
export async function cacheFolder(
  lookup: Lookup = variableIfGranted,
  os: typeof Deno.build.os = Deno.build.os,
): Promise<string | null> {
  const own = await lookup("LIMPID_CACHE_DIR");
  if (own !== undefined) return own;
  const [variable, ...path] = os === "windows"
    ? ["LOCALAPPDATA", "limpid", "cache"] as const
    : os === "darwin"
    ? ["HOME", "Library", "Caches", "limpid"] as const
    : ["HOME", ".cache", "limpid"] as const;
  const shared = await lookup("XDG_CACHE_HOME");
  if (shared !== undefined) return join(shared, "limpid");
  const base = await lookup(variable);
  return base === undefined ? null : join(base, ...path);
}
