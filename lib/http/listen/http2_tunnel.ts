/** HTTP/2 on a port that HTTP/1.1 is spoken on. */
import { setTimeout as pause } from "node:timers/promises";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream";

/** How a client begins that speaks HTTP/2 without having asked. */
const PREFACE = "PRI * HTTP/2.0";
/** Where Deno's own server listens, for this process alone. */
const INNER = "127.0.0.1";
/** Milliseconds before that server is opened again, if it has to be. */
const REOPEN_DELAY = 100;
/** Milliseconds for the first bytes of a connection. */
const FIRST_BYTES_TIME = 10_000;
/** Milliseconds without a byte either way: more than the longest job. */
const IDLE_TIME = 15 * 60_000;
/** How often it is seen whether all requests are answered, in milliseconds. */
const POLL = 20;

/**
 * Passes connections that begin as HTTP/2 on to Deno's own server, on a port of
 * the loopback address. That server alone would not do: it cannot be told how
 * many connections to take, it ends when it has no file descriptor for one, it
 * breaks bodies off when it shuts down, and it refuses HTTP/1.1 requests with a
 * body that would rather be HTTP/2.
 */
export class Http2Tunnel {
  readonly #fetch: (request: Request) => Promise<Response>;
  #inner: Deno.HttpServer<Deno.NetAddr>;
  #answering = 0;
  #closing = false;

  constructor(fetch: (request: Request) => Promise<Response>) {
    this.#fetch = fetch;
    this.#inner = this.#open();
  }

  /** Looks at each connection of a server before the server does. */
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
   * Resolves when what was accepted is answered: only then is the inner server
   * shut down. Requests that come meanwhile are refused.
   */
  async shutdown(): Promise<void> {
    this.#closing = true;
    while (this.#answering > 0) {
      await pause(POLL);
    }
    await this.#inner.shutdown();
  }

  #open(): Deno.HttpServer<Deno.NetAddr> {
    const inner = Deno.serve(
      { hostname: INNER, port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    inner.finished.catch(() => {
      setTimeout(() => {
        if (!this.#closing) this.#inner = this.#open();
      }, REOPEN_DELAY);
    });
    return inner;
  }

  async #answer(request: Request): Promise<Response> {
    if (this.#closing) {
      return new Response(null, {
        status: 503,
        headers: { "retry-after": "1" },
      });
    }
    this.#answering++;
    let answer: Response;
    try {
      answer = await this.#fetch(request);
    } catch (error) {
      this.#answering--;
      throw error;
    }
    return this.#counted(answer);
  }

  /** An answer counts until the last of it is taken. */
  #counted(answer: Response): Response {
    const { body, status, headers } = answer;
    let counts = true;
    const end = (): void => {
      if (counts) this.#answering--;
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
    // The first packet may be shorter than the whole; no method begins so.
    const start = new TextDecoder("latin1").decode(head.subarray(0, 14));
    return start.length >= 3 && PREFACE.startsWith(start);
  }

  #pass(socket: Socket): void {
    const { port } = this.#inner.addr;
    const inner = connect(port, INNER);
    socket.setTimeout(IDLE_TIME);
    inner.setTimeout(IDLE_TIME, () => inner.destroy());
    const end = (): void => {
      socket.destroy();
      inner.destroy();
    };
    pipeline(socket, inner, end);
    pipeline(inner, socket, end);
  }
}
