/**
 * The HTTP function: `deno task serve`, `deno serve main.ts`, or the default
 * export on a platform that calls `fetch`.
 */
import { main } from "./lib/cli/main.ts";
import { quietDrivers } from "./lib/cli/quiet_drivers.ts";
import { type App, createApp } from "./lib/http/app.ts";
import { environmentConfig, publicConfig } from "./lib/http/config.ts";
import { log } from "./lib/http/log.ts";
import { createService } from "./lib/http/service.ts";

/** Made with the first request: a platform may import the module for other reasons. */
let app: App | null = null;
/** Whether somebody else listens and calls `fetch`. */
let called = false;

function makeApp(): App {
  const config = environmentConfig((name) => Deno.env.get(name));
  log("start", { config: publicConfig(config) });
  return createApp(createService(config, log));
}

export default {
  onListen(): void {
    called = true;
    // The device is opened before the first request.
    app ??= makeApp();
  },
  fetch(request): Promise<Response> {
    app ??= makeApp();
    return app.fetch(request);
  },
} satisfies Deno.ServeDefaultExport;

if (import.meta.main) {
  // `deno serve` too calls this the main module; it has listened by the next task.
  setTimeout(async () => {
    if (called) return;
    const folder = Deno.env.get("LIMPID_CWD");
    if (folder) Deno.chdir(folder);
    quietDrivers();
    const environment = (name: string): string | undefined =>
      Deno.env.get(name);
    Deno.exit(await main(["serve", ...Deno.args], environment));
  }, 0);
}
