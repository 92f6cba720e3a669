/** The log: one JSON object a line on standard output. */
import { withPublicAddresses } from "../public_url.ts";
import { jsonLine } from "../flags/terminal.ts";
import { LineWriter } from "./line_writer.ts";

const lines = new LineWriter((bytes) => Deno.stdout.write(bytes));

/**
 * Writes one line without waiting for the reader. Passwords and queries are
 * removed from all addresses in it.
 */
export function log(event: string, details: Record<string, unknown>): void {
  const time = new Date().toISOString();
  lines.add(jsonLine(
    { time, event, ...details },
    (_, value) =>
      typeof value === "string" ? withPublicAddresses(value) : value,
  ));
}

/** Most milliseconds to write the last lines. */
const FLUSH_TIME = 1000;

/** Waits until all is written, for a second at most. */
export async function flushLog(): Promise<void> {
  await lines.flush(FLUSH_TIME);
}
