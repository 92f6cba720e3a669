/** The side of the measured process: it measures when it is told to. */
import { writeText } from "../lib/flags/terminal.ts";

/** The job that this process was started for. */
export function jobOf<T>(): T {
  return JSON.parse(Deno.args[0]!) as T;
}

/** Says one thing, as a line of JSON. */
export function say(value: unknown): void {
  writeText(Deno.stdout, JSON.stringify(value) + "\n");
}

/** Says that all is ready, then measures once for every line that comes, until there are no more. */
export async function answer(measure: () => Promise<unknown>): Promise<void> {
  say({ ready: true });
  for await (const text of Deno.stdin.readable) {
    for (const byte of text) {
      if (byte === 10) say(await measure());
    }
  }
}
