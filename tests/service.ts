/** The HTTP service in this process, on a port of its own, with models that can be foretold. */
import { join } from "node:path";
import type { Environment } from "../lib/permissions.ts";
import { createApp } from "../lib/http/app.ts";
import { environmentConfig } from "../lib/http/config.ts";
import { listen } from "../lib/http/listen/listen.ts";
import { createService, type Service } from "../lib/http/service.ts";
import type { Connect, Resolve } from "../lib/http/security/fetch_source.ts";
import { type FakeStore, writeFakeModels } from "./fake_models.ts";

export { cleanPhoto, photo } from "./scene.ts";

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>>;

/** A running service. */
export interface Running {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  readonly service: Service;
  /** The log so far. */
  readonly lines: Line[];
}

/** How the service differs from its defaults: LIMPID_ variables, its models, and the network it sees. */
export interface Differences {
  readonly variables?: Readonly<Record<string, string>>;
  readonly store?: FakeStore;
  readonly resolve?: Resolve;
  readonly connect?: Connect;
}

/** Starts a service, and stops it when the body is done. */
export async function withService(
  body: (running: Running) => Promise<void>,
  { variables = {}, store, resolve, connect }: Differences = {},
): Promise<void> {
  const models = await Deno.makeTempDir();
  await writeFakeModels(models, store);
  const set: Record<string, string> = {
    LIMPID_DEVICE: "cpu",
    LIMPID_MODELS: models,
    ...variables,
  };
  const environment: Environment = (name) => set[name];
  const lines: Line[] = [];
  const service = createService(
    environmentConfig(environment),
    (event, details) => lines.push({ event, ...details }),
    {
      resolve: resolve ?? (() => Promise.reject(new Error("no DNS here"))),
      connect: connect ?? (() => Promise.reject(new Error("no network here"))),
    },
  );
  const server = await listen(
    { ...service.config, port: 0 },
    createApp(service),
  );
  const { port } = server;
  try {
    await service.supervisor.restorer(AbortSignal.timeout(60_000));
    await body({ origin: `http://127.0.0.1:${port}`, port, service, lines });
  } finally {
    await server.shutdown();
    await service.supervisor[Symbol.asyncDispose]();
    await Deno.remove(join(models), { recursive: true });
  }
}

/** Posts an image. */
export function post(
  url: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, { method: "POST", body, headers });
}
