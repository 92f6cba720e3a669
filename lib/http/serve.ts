/** Runs the service until it is told to stop. */
import { setTimeout as pause } from "node:timers/promises";
import { createApp } from "./app.ts";
import { publicConfig, type ServeConfig } from "./config.ts";
import { listen } from "./listen/listen.ts";
import { flushLog, log } from "./log.ts";
import { createService } from "./service.ts";

/** Most milliseconds to write the log's last lines. */
const FLUSH_TIME = 1000;

/**
 * Listens. On SIGTERM or SIGINT it stops in order: readiness goes off, no
 * connection is accepted any more, accepted requests are finished.
 *
 * @returns the exit code: 0, or 1 where requests had to be aborted
 */
export async function serve(config: ServeConfig): Promise<number> {
  try {
    return await run(config);
  } finally {
    await flushLog(FLUSH_TIME);
  }
}

async function run(config: ServeConfig): Promise<number> {
  const { drainTime, lingerTime } = config;
  log("start", { config: publicConfig(config) });
  const stop = Promise.withResolvers<Deno.Signal>();
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  const listeners = signals.map((signal): [Deno.Signal, () => void] => [
    signal,
    () => stop.resolve(signal),
  ]);
  for (const [signal, listener] of listeners) {
    Deno.addSignalListener(signal, listener);
  }
  const service = createService(config, log);
  const app = createApp(service);
  const server = await listen(config, app);
  log("listening", { host: server.host, port: server.port });

  log("stopping", { signal: await stop.promise });
  service.draining = true;
  await pause(lingerTime);
  const finished = await Promise.race([
    server.shutdown().then(() => true),
    pause(drainTime).then(() => false),
  ]);
  // Do not wait for a device that hangs: the process ends.
  await Promise.race([
    service.supervisor[Symbol.asyncDispose](),
    pause(2000),
  ]);
  log("stopped", { finished });
  for (const [signal, listener] of listeners) {
    Deno.removeSignalListener(signal, listener);
  }
  return finished ? 0 : 1;
}
