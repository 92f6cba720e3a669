/** Lets all else have its turn while bodies come in. */
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds of work after which there is a rest, and of the rest. */
const WORK = 20, REST = 1;

let rest: Promise<void> | null = null;
let rested = 0;

/**
 * To be awaited between two pieces of a body. As long as some connection has
 * bytes to be read, Deno (2.9.6) goes on with those, and sees for seconds
 * neither new connections nor requests on others: only a thread that has
 * nothing to do looks at all of them. So all bodies rest at one time.
 */
export async function takeTurns(): Promise<void> {
  if (rest === null && performance.now() - rested < WORK) return;
  rest ??= pause(REST).then(() => {
    rest = null;
    rested = performance.now();
  });
  await rest;
}
