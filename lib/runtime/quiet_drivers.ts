/** Keeps graphics drivers from speaking. */

/**
 * Without a desktop, libwayland (which graphics drivers ask) prints "error:"
 * lines on standard error for want of this folder; one that is not there keeps
 * it quiet. Where variables may not be written, the drivers are let speak.
 */
export function quietDrivers(): void {
  const variable = "XDG_RUNTIME_DIR";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  if (Deno.build.os !== "linux" || state !== "granted") return;
  if (!Deno.env.get(variable)) Deno.env.set(variable, "/nonexistent");
}
