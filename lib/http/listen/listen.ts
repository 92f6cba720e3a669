/** Listens on a port and passes requests to the service. */
import type { Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { LimpidError } from "../../errors.ts";
import type { Answering } from "../answering.ts";
import { createHttp1Server } from "./http1_server.ts";
import { Http2Tunnel } from "./http2_tunnel.ts";
import { keepListening } from "./keep_listening.ts";

/** The protocols to listen for; `h2c` is HTTP/2 without TLS, and HTTP/1.1. */
export const PROTOCOLS = ["http1", "h2c"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** Where and how to listen. */
export interface Address {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Most connections at a time; more are closed at once. */
  readonly connections: number;
  /** As in {@linkcode createHttp1Server}. */
  readonly writeTime: number;
}

/** A service that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; resolves when all accepted requests are answered. */
  shutdown(): Promise<void>;
}

/**
 * Listens. node:http serves HTTP/1.1, because Deno's own server (2.9.6) does
 * not notice over HTTP/1.1 that a client has left once a body has arrived in
 * packets of its own. Deno's own server serves HTTP/2, because node:http2
 * crashes in Deno under load; see {@linkcode Http2Tunnel}.
 *
 * @throws {LimpidError} `invalid-option` where the port cannot be listened on
 */
export async function listen(
  { host, port, protocol, connections, writeTime }: Address,
  app: Answering,
): Promise<Listening> {
  const http1 = createHttp1Server(app, writeTime);
  http1.server.maxConnections = connections;
  const tunnel = protocol === "h2c" ? new Http2Tunnel(app.fetch) : null;
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

async function mayListen(host: string, port: number): Promise<boolean> {
  const name = isIPv6(host) ? `[${host}]` : host;
  const place = { name: "net", host: `${name}:${port}` } as const;
  return (await Deno.permissions.query(place)).state === "granted";
}

async function open(
  server: Server,
  host: string,
  port: number,
): Promise<AddressInfo> {
  // node:net throws where nobody can catch it.
  if (!await mayListen(host, port)) {
    throw new LimpidError(
      "invalid-option",
      `Deno was not given the permission to listen on port ${port} of ${host}; add --allow-net.`,
    );
  }
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
