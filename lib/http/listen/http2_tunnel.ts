/** Serves HTTP/2 on the port of an HTTP/1.1 server. */
import { setTimeout as pause } from "node:timers/promises";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream";
import { dropRest } from "./read_rest.ts";

/** First bytes of a client that speaks HTTP/2 with prior knowledge. */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Address of Deno's own server, for this process only. */
const INNER = "127.0.0.1";
/** Milliseconds before that server is opened again after it ended. */
const REOPEN_DELAY = 100;
/** Most milliseconds until a connection's first bytes, and until its first request. */
const FIRST_BYTES_TIME = 10_000;
/** Most milliseconds without a byte while a request is open: more than the longest job takes. */
const OPEN_TIME = 15 * 60_000;
/** Most milliseconds without a byte between requests. */
const IDLE_TIME = 60_000;
/** Milliseconds between checks whether all requests are answered. */
const POLL = 20;

/**
 * Passes connections that begin with HTTP/2 on to Deno's own server, on a port
 * of the loopback address. That server does not suffice alone: it has no limit
 * on connections, ends when it has no file descriptor for one, aborts bodies
 * when it shuts down, and refuses HTTP/1.1 requests with a body that ask for an
 * upgrade to HTTP/2.
 */
export class Http2Tunnel {
  readonly #fetch: (request: Request) => Promise<Response>;
  #inner: Deno.HttpServer<Deno.NetAddr>;
  #answering = 0;
  /** Sockets of clients by the inner server's ports for them, with their open requests. */
  readonly #open = new Map<
    number,
    { readonly socket: Socket; count: number }
  >();
  #closing = false;

  constructor(fetch: (request: Request) => Promise<Response>) {
    this.#fetch = fetch;
    this.#inner = this.#openInner();
  }

  /** Inspects each connection before the server gets it. */
  attach(server: Server): void {
    const takers = server.listeners("connection") as ((s: Socket) => void)[];
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      socket.setTimeout(FIRST_BYTES_TIME, () => socket.destroy());
      const fail = (): void => void socket.destroy();
      socket.once("error", fail);
      socket.once("readable", () => {
        const head: Uint8Array | null = socket.read();
        if (head === null) return fail();
        socket.unshift(head);
        if (this.#isHttp2(head)) return this.#pass(socket);
        socket.setTimeout(0);
        socket.removeAllListeners("timeout");
        socket.off("error", fail);
        for (const take of takers) take.call(server, socket);
      });
    });
  }

  /**
   * Waits until all accepted requests are answered, then shuts down the inner
   * server. New requests are refused meanwhile.
   */
  async shutdown(): Promise<void> {
    this.#closing = true;
    while (this.#answering > 0) {
      await pause(POLL);
    }
    await this.#inner.shutdown();
  }

  #openInner(): Deno.HttpServer<Deno.NetAddr> {
    const inner = Deno.serve(
      { hostname: INNER, port: 0, onListen: () => {} },
      (request, { remoteAddr }) => this.#answer(request, remoteAddr.port),
    );
    inner.finished.catch(() => this.#reopenInner());
    return inner;
  }

  /** Opens the inner server again, once there are file descriptors for it. */
  #reopenInner(): void {
    setTimeout(() => {
      if (this.#closing) return;
      try {
        this.#inner = this.#openInner();
      } catch {
        this.#reopenInner();
      }
    }, REOPEN_DELAY);
  }

  /** @param port Of the inner connection that the request came by. */
  async #answer(request: Request, port: number): Promise<Response> {
    if (this.#closing) {
      return new Response(null, {
        status: 503,
        headers: { "retry-after": "1" },
      });
    }
    this.#count(port, 1);
    let answer: Response;
    try {
      answer = await this.#fetch(request);
      dropRest(request);
    } catch (error) {
      this.#count(port, -1);
      throw error;
    }
    return this.#counted(answer, port);
  }

  /** Counts an open request, or one that is answered. */
  #count(port: number, by: 1 | -1): void {
    this.#answering += by;
    const client = this.#open.get(port);
    if (client === undefined) return;
    client.count += by;
    client.socket.setTimeout(client.count > 0 ? OPEN_TIME : IDLE_TIME);
  }

  /** Counts an answer until its last piece is taken. */
  #counted(answer: Response, port: number): Response {
    const { body, status, headers } = answer;
    let counts = true;
    const end = (): void => {
      if (counts) this.#count(port, -1);
      counts = false;
    };
    if (body === null) {
      end();
      return answer;
    }
    const reader = body.getReader();
    reader.closed.then(end, end);
    const counted = new ReadableStream({
      async pull(controller): Promise<void> {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(counted, { status, headers });
  }

  #isHttp2(head: Uint8Array): boolean {
    // The first packet may have only part of the preface; no method begins like
    // it.
    const start = new TextDecoder("latin1").decode(
      head.subarray(0, PREFACE.length),
    );
    return start.length >= 3 && PREFACE.startsWith(start);
  }

  /** The time for the first bytes holds until the first request. */
  #pass(socket: Socket): void {
    const { port } = this.#inner.addr;
    const inner = connect(port, INNER);
    let own: number | undefined;
    inner.once("connect", () => {
      own = inner.localPort;
      if (own !== undefined) this.#open.set(own, { socket, count: 0 });
    });
    const end = (): void => {
      if (own !== undefined) this.#open.delete(own);
      socket.destroy();
      inner.destroy();
    };
    pipeline(socket, inner, end);
    pipeline(inner, socket, end);
  }
}
