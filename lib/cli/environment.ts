/** Reads environment variables, as far as permissions allow. */

/**
 * A variable; `undefined` also where it may not be read, since an installed
 * program may have few permissions.
 */
export function grantedEnvironment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
