/** The log: one JSON object a line on standard output. */
import { writeText } from "../cli/terminal.ts";

/** Writes one line. */
export function log(event: string, details: Record<string, unknown>): void {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    event,
    ...details,
  });
  try {
    writeText(Deno.stdout, line + "\n");
  } catch {
    // Whoever read the log has left; the service goes on.
  }
}
