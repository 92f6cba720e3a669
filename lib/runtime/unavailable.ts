/** Why a device is not to be had here. */

/** Two clauses, without a full stop: what is wrong, and what to do about it. */
export interface Unavailable {
  readonly why: string;
  readonly remedy: string;
}

/** Deno's words for a permission that is missing. */
const PERMISSION = /Requires (\w+) access to ("[^"]*"|\S+)/;

/**
 * What an error means for the device.
 *
 * @param what A clause that says what failed.
 */
export function unavailable(what: string, error: unknown): Unavailable {
  const message = firstLine(error);
  const [, name, target] = PERMISSION.exec(message) ?? [];
  return name === undefined
    ? { why: `${what} (${message})`, remedy: "use another device" }
    : {
      why: `${name} access to ${target} is not granted`,
      remedy: `run Deno with --allow-${name}`,
    };
}

/** The first line of an error's message; the runtimes add pages of their own. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]!.slice(0, 300);
}
