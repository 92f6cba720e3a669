/** The measured process's side: it measures on request. */
import { writeText } from "../lib/flags/terminal.ts";

/** The job that this process was started with. */
export function jobOf<T>(): T {
  return JSON.parse(Deno.args[0]!) as T;
}

/** Sends a value as a line of JSON. */
export function say(value: unknown): void {
  writeText(Deno.stdout, JSON.stringify(value) + "\n");
}

/** Reports readiness, then measures once for each line on standard input. */
export async function answer(measure: () => Promise<unknown>): Promise<void> {
  say({ ready: true });
  for await (const text of Deno.stdin.readable) {
    for (const byte of text) {
      if (byte === 10) say(await measure());
    }
  }
}
