/** Looks at the environment and the disk only where that is permitted, and never asks for it. */

/** An environment variable; `undefined` where it is not set, empty, or not to be read. */
export async function variableIfGranted(
  variable: string,
): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || undefined : undefined;
}

/** The names of all variables that are set; none where they may not be listed: the permission for a few is not enough. */
export function namesIfGranted(): readonly string[] {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}

/** Whether a path may be read, or written. */
export async function isGranted(
  name: "read" | "write",
  path: string,
): Promise<boolean> {
  return (await Deno.permissions.query({ name, path })).state === "granted";
}

/** A text file; `null` where there is none or it may not be read. */
export async function textIfGranted(path: string): Promise<string | null> {
  if (!await isGranted("read", path)) return null;
  return await Deno.readTextFile(path).catch(() => null);
}
