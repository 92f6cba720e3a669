/** Lets other work run while bodies arrive. */
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds of work before a rest, and of the rest. */
const WORK = 20, REST = 1;

let rest: Promise<void> | null = null;
let rested = 0;

/**
 * Must be awaited between two pieces of a body. While any connection has bytes
 * to read, Deno (2.9.6) goes on reading those, and may not accept new
 * connections or requests on others for seconds: it only polls all of them when
 * its thread is idle. So all bodies rest at the same time.
 */
export async function takeTurns(): Promise<void> {
  if (rest === null && performance.now() - rested < WORK) return;
  rest ??= pause(REST).then(() => {
    rest = null;
    rested = performance.now();
  });
  await rest;
}
