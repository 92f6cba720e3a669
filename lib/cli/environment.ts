/** The environment, as far as it may be read. */

/** A variable; `undefined` also where it may not be read: an installed program may have been given few permissions. */
export function grantedEnvironment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
