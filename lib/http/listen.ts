/** Listens on a port and hands requests to the service. */
import {
  createAdaptorServer,
  type Http2Bindings,
  type HttpBindings,
} from "../../deps_http.ts";
import { LimpidError } from "../errors.ts";

/** What a service listens for: {@linkcode listen} says how they differ. */
export const PROTOCOLS = ["http1", "h2c"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** Milliseconds for the headers of a request, so that nobody holds connections by sending none. */
const HEADERS_TIME = 10_000;

/** What node:http has of a request. */
type Bindings = HttpBindings | Http2Bindings;

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly protocol: Protocol;
}

/** A service that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Accepts nothing any more; resolves when what was accepted is answered. */
  shutdown(): Promise<void>;
}

/**
 * Listens. A client that leaves aborts its request's signal, which takes a
 * server for each protocol: that of Deno notices over HTTP/2 (it takes HTTP/1.1
 * too), but over HTTP/1.1 not once a body has come in packets of its own
 * (2.9.6); node:http always does, but knows HTTP/1.1 alone.
 *
 * @throws {LimpidError} `invalid-option` where the port is taken or not to be had
 */
export async function listen(
  { host, port, protocol }: Address,
  fetch: (request: Request) => Promise<Response>,
): Promise<Listening> {
  try {
    return await (protocol === "h2c" ? listenWithDeno : listenWithNode)(
      host,
      port,
      fetch,
    );
  } catch (error) {
    throw new LimpidError(
      "invalid-option",
      `Port ${port} of ${host} cannot be listened on (${
        (error as { code?: string }).code ?? "no code"
      }); choose others with --host and --port.`,
      { cause: error },
    );
  }
}

function listenWithDeno(
  host: string,
  wanted: number,
  fetch: (request: Request) => Promise<Response>,
): Listening {
  const server = Deno.serve(
    { hostname: host, port: wanted, onListen: () => {} },
    fetch,
  );
  const { hostname, port } = server.addr;
  return { host: hostname, port, shutdown: () => server.shutdown() };
}

async function listenWithNode(
  host: string,
  port: number,
  fetch: (request: Request) => Promise<Response>,
): Promise<Listening> {
  let closing = false;
  let answering = 0;
  const server = createAdaptorServer({
    fetch(request: Request, { outgoing }: Bindings): Promise<Response> {
      answering++;
      outgoing.once("close", () => {
        answering--;
        if (closing) closeRest();
      });
      return fetch(request);
    },
    // Request and Response of the platform stay what they are.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: HEADERS_TIME,
      connectionsCheckingInterval: HEADERS_TIME / 5,
      requestTimeout: 0, // Bodies have times of their own.
    },
  });
  // Without this, connections that clients keep hold the service for minutes.
  const closeRest = (): void => {
    if ("closeAllConnections" in server && answering === 0) {
      server.closeAllConnections();
    }
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("A port was asked for.");
  }
  return {
    host: address.address,
    port: address.port,
    shutdown: () =>
      new Promise((resolve) => {
        closing = true;
        server.close(() => resolve());
        closeRest();
      }),
  };
}
