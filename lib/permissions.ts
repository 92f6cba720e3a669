/** Reads environment and disk only where permitted; never prompts. */

/** Looks up one environment variable. */
export type Environment = (name: string) => string | undefined;

/** An environment variable; `undefined` if unset or not permitted. */
export function grantedEnvironment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** An environment variable; `undefined` if unset, empty or not permitted. */
export function variableIfGranted(variable: string): string | undefined {
  return grantedEnvironment(variable) || undefined;
}

/**
 * The names of all environment variables; none where listing is not permitted,
 * which takes the permission for all variables.
 */
export function namesIfGranted(): readonly string[] {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}

/** Whether a path may be read or written. */
export async function isGranted(
  name: "read" | "write",
  path: string,
): Promise<boolean> {
  return (await Deno.permissions.query({ name, path })).state === "granted";
}

/** Reads a text file; `null` where it is missing or not permitted. */
export async function textIfGranted(path: string): Promise<string | null> {
  if (!await isGranted("read", path)) return null;
  return await Deno.readTextFile(path).catch(() => null);
}
