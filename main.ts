/**
 * The HTTP function: `deno task serve`, `deno serve main.ts`, or the default
 * export on a platform that calls `fetch`.
 */
import { failure, main } from "./lib/cli/main.ts";
import type { Answering } from "./lib/http/answering.ts";
import { createApp } from "./lib/http/app.ts";
import { environmentConfig, publicConfig } from "./lib/http/config.ts";
import { dropRest } from "./lib/http/listen/read_rest.ts";
import { flushLog, log } from "./lib/http/log.ts";
import { createService, type Service } from "./lib/http/service.ts";
import { onStop, stop, untilIdle } from "./lib/http/stop.ts";
import { grantedEnvironment, namesIfGranted } from "./lib/permissions.ts";
import { checkVariables } from "./lib/variables.ts";

/** Made when needed: a platform may import the module for other reasons. */
let app: Answering | null = null;
/** Whether `deno serve` listens and calls `fetch`. */
let called = false;

/** Makes the app; logs no address settings, because the platform listens. */
function makeApp(): Answering {
  checkVariables(namesIfGranted());
  const config = environmentConfig(grantedEnvironment);
  const {
    host: _host,
    port: _port,
    protocol: _protocol,
    connections: _connections,
    ...ours
  } = publicConfig(config);
  log("start", { config: ours });
  const service = createService(config, log);
  if (called) endWhenTold(service);
  return createApp(service);
}

/**
 * Ends the process when it is asked to: `deno serve` stops listening by itself,
 * and would wait for the Workers of the device.
 */
function endWhenTold(service: Service): void {
  onStop(async (signal) => {
    if (service.draining) return;
    const code = await stop(service, signal, 0, () => untilIdle(service));
    await flushLog();
    Deno.exit(code);
  });
}

function whereOf(address: Deno.Addr): Record<string, unknown> {
  return "hostname" in address
    ? { host: address.hostname, port: address.port }
    : { transport: address.transport };
}

/** What `deno serve main.ts` and edge platforms run. */
export default {
  onListen(address): void {
    called = true;
    try {
      // Open the device before the first request.
      app ??= makeApp();
    } catch (error) {
      Deno.exit(failure(error, false));
    }
    log("listening", whereOf(address));
  },
  async fetch(request): Promise<Response> {
    app ??= makeApp();
    const answer = await app.fetch(request);
    dropRest(request);
    return answer;
  },
} satisfies Deno.ServeDefaultExport;

if (import.meta.main) {
  // `deno serve` also sets import.meta.main; it has begun to listen by the next
  // task.
  setTimeout(async () => {
    if (called) return;
    const folder = grantedEnvironment("LIMPID_CWD");
    if (folder) Deno.chdir(folder);
    Deno.exit(
      await main(["serve", ...Deno.args], grantedEnvironment, namesIfGranted()),
    );
  }, 0);
}
