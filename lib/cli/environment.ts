/** The environment, as far as it may be read. */

/** A variable; `undefined` also where it may not be read: an installed program may have been given few permissions. */
export function grantedEnvironment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** The names of all variables that are set; none where that may not be asked. */
export function grantedNames(): readonly string[] {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}
