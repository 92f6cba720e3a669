/** Listens on a port and hands requests to the service. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LimpidError } from "../../errors.ts";
import { createHttp1Server } from "./http1_server.ts";
import { Http2Tunnel } from "./http2_tunnel.ts";
import { keepListening } from "./keep_listening.ts";

/** What a service listens for; `h2c` is HTTP/2 without TLS, and HTTP/1.1 too. */
export const PROTOCOLS = ["http1", "h2c"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** Where and how to listen. */
export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Connections at a time; more are closed at once. */
  readonly connections: number;
  /** Milliseconds in which a client takes nothing of the end of its answer. */
  readonly writeTime: number;
}

/** A service that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Accepts nothing any more; resolves when what was accepted is answered. */
  shutdown(): Promise<void>;
}

/**
 * Listens. HTTP/1.1 is spoken by node:http, since Deno's own server (2.9.6)
 * does not notice over HTTP/1.1 that a client has left, once a body has come in
 * packets of its own. HTTP/2 is spoken by Deno's own server, since node:http2
 * crashes in Deno under load; see {@linkcode Http2Tunnel}.
 *
 * @throws {LimpidError} `invalid-option` where the port is taken or not to be had
 */
export async function listen(
  { host, port, protocol, connections, writeTime }: Address,
  fetch: (request: Request) => Promise<Response>,
): Promise<Listening> {
  const http1 = createHttp1Server(fetch, writeTime);
  http1.server.maxConnections = connections;
  const tunnel = protocol === "h2c" ? new Http2Tunnel(fetch) : null;
  tunnel?.attach(http1.server);
  const address = await open(http1.server, host, port);
  const control = keepListening(http1.server, address);
  return {
    host: address.address,
    port: address.port,
    async shutdown(): Promise<void> {
      control[Symbol.dispose]();
      await Promise.all([http1.shutdown(), tunnel?.shutdown()]);
    },
  };
}

async function open(
  server: Server,
  host: string,
  port: number,
): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    throw new LimpidError(
      "invalid-option",
      `Port ${port} of ${host} cannot be listened on (${
        (error as { code?: string }).code ?? "no code"
      }); choose others with --host and --port.`,
      { cause: error },
    );
  } finally {
    server.off("error", reject);
  }
  return server.address() as AddressInfo;
}
