/** Keeps graphics drivers from speaking. */

/**
 * Without a desktop, libwayland (which graphics drivers ask) prints "error:"
 * lines on standard error for want of this folder; one that is not there keeps
 * it quiet.
 */
export function quietDrivers(): void {
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) {
    Deno.env.set("XDG_RUNTIME_DIR", "/nonexistent");
  }
}
