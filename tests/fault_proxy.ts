/** A proxy before a web server that spoils one answer after the other, as told. */
import { delay } from "./delay.ts";

/** A request that came in, and the connection that waits for its answer. */
export interface Exchange {
  readonly path: string;
  readonly headers: Headers;
  /** What the server behind answers; `headers` replace the request's. */
  upstream(headers?: Record<string, string>): Promise<Response>;
  /** Sends raw bytes or text. */
  send(data: Uint8Array | string): Promise<void>;
}

/** Spoils one exchange; the connection is closed after it. */
export type Fault = (exchange: Exchange) => Promise<void>;

/** A proxy: each request whose path has the word takes the next fault; none left, it is passed on. */
export class FaultProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #upstream: string;
  readonly #word: string;
  readonly #open = new Set<Deno.Conn>();
  readonly #done: Promise<void>;
  /** Faults to come. */
  faults: Fault[] = [];
  /** Every request whose path has the word: its Range, or "whole". */
  asked: string[] = [];

  constructor(upstream: string, word: string) {
    this.#upstream = upstream;
    this.#word = word;
    this.#done = this.#accept();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async #accept(): Promise<void> {
    const running: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.#open.add(connection);
      running.push(
        this.#serve(connection).catch(() => {}).finally(() => {
          this.#open.delete(connection);
          try {
            connection.close();
          } catch {
            // It was cut.
          }
        }),
      );
    }
    await Promise.all(running);
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const head = await readHead(connection);
    if (head === null) return;
    const [first = "", ...lines] = head.split("\r\n");
    const [method = "GET", path = "/"] = first.split(" ");
    const headers = new Headers(
      lines.filter(Boolean).map((line): [string, string] => {
        const [name = "", ...rest] = line.split(":");
        return [name, rest.join(":").trim()];
      }),
    );
    const exchange: Exchange = {
      path,
      headers,
      upstream: (changed) => {
        const sent = new Headers(changed ?? headers);
        sent.delete("host");
        sent.set("accept-encoding", "identity");
        return fetch(this.#upstream + path, { method, headers: sent });
      },
      send: async (data) => {
        let bytes = typeof data === "string"
          ? new TextEncoder().encode(data)
          : data;
        while (bytes.length > 0) {
          bytes = bytes.subarray(await connection.write(bytes));
        }
      },
    };
    const isMeant = path.includes(this.#word);
    if (isMeant) this.asked.push(headers.get("range") ?? "whole");
    const fault = isMeant ? this.faults.shift() : undefined;
    await (fault ?? passOn)(exchange);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) connection.close();
    await this.#done;
  }
}

async function readHead(connection: Deno.Conn): Promise<string | null> {
  let head = "";
  const buffer = new Uint8Array(4096);
  while (!head.includes("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) return null;
    head += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return head;
}

/** The head of an answer; `undefined` takes a header out. */
function headOf(
  { status, headers }: Response,
  changed: Record<string, string | undefined> = {},
): string {
  const all = { ...Object.fromEntries(headers), ...changed };
  const lines = Object.entries({ ...all, connection: "close" })
    .filter(([name, value]) =>
      value !== undefined && name !== "transfer-encoding"
    )
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
}

/** Everything as it is. */
export async function passOn(
  { upstream, send }: Exchange,
): Promise<void> {
  const response = await upstream();
  await send(headOf(response));
  for await (const bytes of response.body ?? []) await send(bytes);
}

/** Sends `bytes` of the body, or all but the last `-bytes`, and cuts the connection. */
export function cut(bytes: number): Fault {
  return async ({ upstream, send }) => {
    const response = await upstream();
    await send(headOf(response));
    await send((await response.bytes()).subarray(0, bytes));
    await delay(20);
  };
}

/** Sends `bytes` of the body, and then nothing. */
export function stall(bytes: number): Fault {
  return async (exchange) => {
    await cut(bytes)(exchange);
    await delay(3000);
  };
}

/** Ends the body early without a length to tell by. */
export function truncate(bytes: number): Fault {
  return async ({ upstream, send }) => {
    const response = await upstream();
    await send(headOf(response, { "content-length": undefined }));
    await send((await response.bytes()).subarray(0, bytes));
  };
}

/** Changes one byte. */
export function corrupt(at: number): Fault {
  return async ({ upstream, send }) => {
    const response = await upstream();
    const bytes = await response.bytes();
    bytes[at]! ^= 1;
    await send(headOf(response));
    await send(bytes);
  };
}

/** Says another length than that of the body. */
export function lie(length: (true_: number) => number): Fault {
  return async ({ upstream, send }) => {
    const response = await upstream();
    const bytes = await response.bytes();
    const said = length(bytes.length);
    await send(headOf(response, { "content-length": String(said) }));
    await send(bytes);
  };
}

/** Sends more than there is, without a length. */
export async function tooMuch(
  { upstream, send }: Exchange,
): Promise<void> {
  const response = await upstream();
  await send(headOf(response, { "content-length": undefined }));
  await send(await response.bytes());
  await send(new Uint8Array(100_000));
}

/** Answers a Range with the whole file. */
export async function whole(
  { upstream, send }: Exchange,
): Promise<void> {
  const response = await upstream({});
  await send(headOf(response));
  await send(await response.bytes());
}

/** Answers a Range with another one, and says so. */
export async function elsewhere(
  { upstream, send }: Exchange,
): Promise<void> {
  const response = await upstream({ range: "bytes=10-" });
  await send(headOf(response));
  await send(await response.bytes());
}

/** Answers a Range with another one, and says it was the right one. */
export async function swapped(
  { headers, upstream, send }: Exchange,
): Promise<void> {
  const right = await upstream();
  const length = (await right.bytes()).length;
  const wrong = await upstream({ range: `bytes=0-${length - 1}` });
  assertRange(headers);
  await send(headOf(right));
  await send(await wrong.bytes());
}

function assertRange(headers: Headers): void {
  if (!headers.has("range")) throw new Error("no Range was asked for");
}

/** Compresses the answer. */
export async function gzip(
  { upstream, send }: Exchange,
): Promise<void> {
  const response = await upstream();
  const body = response.body!.pipeThrough(new CompressionStream("gzip"));
  const bytes = await new Response(body).bytes();
  const changed = {
    "content-encoding": "gzip",
    "content-length": String(bytes.length),
  };
  await send(headOf(response, changed));
  await send(bytes);
}

/** A status without a file. */
export function status(code: number, headers = "", body = ""): Fault {
  return ({ send }) =>
    send(
      `HTTP/1.1 ${code} Status\r\ncontent-length: ${body.length}\r\nconnection: close\r\n${headers}\r\n${body}`,
    );
}

/** Leads to another address, or back here. */
export function redirect(target?: string): Fault {
  return async (exchange) => {
    const location = (target ?? "") + exchange.path;
    await status(302, `location: ${location}\r\n`)(exchange);
  };
}

/** Closes the connection without a word. */
export function hangUp(): Promise<void> {
  return Promise.resolve();
}

/** Something is done before the request is passed on. */
export function after(
  change: () => Promise<void>,
  fault: Fault = passOn,
): Fault {
  return async (exchange) => {
    await change();
    await fault(exchange);
  };
}
