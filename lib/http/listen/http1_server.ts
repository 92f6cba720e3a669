/** A server for HTTP/1.1, based on node:http. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "../../../deps_http.ts";
import type { Answering } from "../answering.ts";
import { Problem } from "../problem.ts";
import { limitPieces } from "../body/piece_limit.ts";
import { readRest } from "./read_rest.ts";

/** Most milliseconds for a request's headers: closes idle connections. */
const HEADERS_TIME = 10_000;

/**
 * Most requests of a connection that are not answered yet. Deno starts all that
 * a client sends one after the other without waiting; nobody but an attacker
 * sends many.
 */
const MOST_PIPELINED = 16;

/**
 * Most headers of a request: they cost time that grows with their number's
 * square.
 */
const MOST_HEADERS = 100;

/** A server that can finish its requests before it stops. */
export interface Http1Server {
  readonly server: Server;
  /** Stops accepting; resolves when all accepted requests are answered. */
  shutdown(): Promise<void>;
}

/**
 * Makes the server; it does not listen yet. A client that leaves aborts its
 * request's signal. What a client still sends when it has its answer is read for
 * a while, since most look at no answer before all is sent.
 *
 * @param writeTime Milliseconds after which a connection is closed if the
 * client does not take the end of its answer.
 */
export function createHttp1Server(
  { fetch, refuse }: Answering,
  writeTime: number,
): Http1Server {
  const closing = new AbortController();
  let answering = 0;
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      answering++;
      outgoing.once("close", () => {
        answering--;
        if (closing.signal.aborted) closeRest();
      });
      const answer = (incoming as IncomingMessage).rawHeaders.length >
          2 * MOST_HEADERS
        ? refuse(TOO_MANY_HEADERS)
        : await fetch(request);
      const { status } = answer;
      const headers = new Headers(answer.headers);
      const sender = incoming as IncomingMessage;
      // A client that was not asked for its body may send it all the same.
      const isUnasked = unasked.has(sender);
      if (isUnasked) headers.set("connection", "close");
      const body = quietBody(
        answer.body,
        outgoing as ServerResponse,
        writeTime,
        async () => {
          if (!isUnasked) await readRest(request, sender, closing.signal);
        },
      );
      return new Response(body, { status, headers });
    },
    {
      // HTTP/1.0 requests may lack Host.
      hostname: "localhost",
      // Keep the platform's Request and Response.
      overrideGlobalObjects: false,
      errorHandler: () => refuse(UNREADABLE),
    },
  );
  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (isFlooded(incoming, outgoing)) incoming.socket.destroy();
    else {
      limitPieces(incoming, () => incoming.socket.destroy());
      listener(incoming, outgoing);
    }
  };
  const server = createServer({
    headersTimeout: HEADERS_TIME,
    connectionsCheckingInterval: HEADERS_TIME / 5,
    requestTimeout: 0, // Bodies have their own time limits.
  }, take);
  server.on("checkContinue", (incoming, outgoing) => {
    askWhenRead(incoming, outgoing);
    take(incoming, outgoing);
  });
  const open = new WeakMap<Socket, number>();
  function isFlooded(
    { socket }: IncomingMessage,
    outgoing: ServerResponse,
  ): boolean {
    const count = (by: number): number => {
      const now = (open.get(socket) ?? 0) + by;
      open.set(socket, now);
      return now;
    };
    outgoing.once("close", () => count(-1));
    return count(1) > MOST_PIPELINED;
  }
  // Otherwise idle kept connections would delay the end by minutes.
  const closeRest = (): void => {
    if (answering === 0) server.closeAllConnections();
  };
  return {
    server,
    shutdown: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        closeRest();
      }),
  };
}

/**
 * Requests whose clients send the body only when they are asked to (`Expect:
 * 100-continue`, RFC 9110, 10.1.1), and were not.
 */
const unasked = new WeakSet<IncomingMessage>();

/** Asks for a body when it is first read: one that is refused is not sent. */
function askWhenRead(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  unasked.add(incoming);
  const read = incoming._read.bind(incoming);
  incoming._read = (size): void => {
    incoming._read = read;
    unasked.delete(incoming);
    if (!outgoing.headersSent) outgoing.writeContinue();
    read(size);
  };
}

const TOO_MANY_HEADERS = new Problem(
  "too-many-headers",
  `The request has more than ${MOST_HEADERS} headers; send fewer.`,
);

const UNREADABLE = new Problem(
  "invalid-request",
  "The path of the request or its Host header cannot be read.",
);

/**
 * Wraps a body: where it fails, or its end is not taken in time, the connection
 * is closed and nothing is printed.
 *
 * @param before Awaited after the last byte and before the end.
 */
function quietBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  outgoing: ServerResponse,
  writeTime: number,
  before: () => Promise<void>,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const destroy = (): void => void outgoing.destroy();
  const ended = (): void => {
    const timer = setTimeout(destroy, writeTime);
    outgoing.once("close", () => clearTimeout(timer));
  };
  if (body === null) {
    ended();
    return null;
  }
  const reader = body.getReader();
  reader.closed.catch(destroy);
  return new ReadableStream({
    async pull(controller): Promise<void> {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        await before();
        controller.close();
        ended();
      } catch {
        // The connection is closed already.
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
