/** Stops a service in order. */
import { setTimeout as pause } from "node:timers/promises";
import { log } from "./log.ts";
import type { Service } from "./service.ts";

/** Most milliseconds to close the device, which may hang. */
const CLOSE_TIME = 2000;
/** Milliseconds between checks whether all requests are answered. */
const POLL = 20;

/** Asks the process to stop. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Calls `told` when the process is asked to stop; dispose of it to leave that to Deno again. */
export function onStop(told: (signal: Deno.Signal) => void): Disposable {
  const listeners = SIGNALS.map((signal) =>
    [signal, () => told(signal)] as const
  );
  for (const listener of listeners) Deno.addSignalListener(...listener);
  return {
    [Symbol.dispose](): void {
      for (const listener of listeners) Deno.removeSignalListener(...listener);
    },
  };
}

/**
 * Readiness goes off, accepted requests are finished, the device is closed.
 *
 * @param linger Milliseconds that requests are accepted for still.
 * @param shutdown Resolves when all accepted requests are answered.
 * @returns the exit code: 0, or 1 where requests had to be aborted
 */
export async function stop(
  service: Service,
  signal: Deno.Signal,
  linger: number,
  shutdown: () => Promise<void>,
): Promise<number> {
  log("stopping", { signal });
  service.draining = true;
  await pause(linger);
  const finished = await Promise.race([
    shutdown().then(() => true),
    pause(service.config.drainTime).then(() => false),
  ]);
  await Promise.race([
    service.supervisor[Symbol.asyncDispose](),
    pause(CLOSE_TIME),
  ]);
  log("stopped", { finished });
  return finished ? 0 : 1;
}

/** Waits until no image is worked on and no answer is being sent. */
export async function untilIdle(
  { admission, answers }: Service,
): Promise<void> {
  while (admission.running + admission.waiting + answers.bytes > 0) {
    await pause(POLL);
  }
}
