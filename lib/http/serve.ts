/** Runs the service until it is told to stop. */
import { createApp } from "./app.ts";
import { publicConfig, type ServeConfig } from "./config.ts";
import { listen } from "./listen/listen.ts";
import { flushLog, log } from "./log.ts";
import { createService } from "./service.ts";
import { onStop, stop } from "./stop.ts";

/**
 * Listens. On SIGTERM or SIGINT it stops in order: readiness goes off, no
 * connection is accepted any more, accepted requests are finished.
 *
 * @returns the exit code: 0, or 1 where requests had to be aborted
 */
export async function serve(config: ServeConfig): Promise<number> {
  log("start", { config: publicConfig(config) });
  const told = Promise.withResolvers<Deno.Signal>();
  using _ = onStop(told.resolve);
  try {
    const service = createService(config, log);
    const server = await listen(config, createApp(service));
    log("listening", { host: server.host, port: server.port });
    const signal = await told.promise;
    return await stop(
      service,
      signal,
      config.lingerTime,
      () => server.shutdown(),
    );
  } finally {
    await flushLog();
  }
}
