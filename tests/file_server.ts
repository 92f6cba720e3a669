/** A web server for files in memory, with Range, If-Match and ETag. */
import { sha256 } from "./model_files.ts";

/** Serves what `files` holds when it is asked, by name. */
export class FileServer implements AsyncDisposable {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Requests: name and Range. */
  readonly asked: string[] = [];

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
    this.files = new Map(Object.entries(files));
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  #answer({ url, headers }: Request): Response {
    const name = new URL(url).pathname.slice(1);
    const bytes = this.files.get(name);
    const range = headers.get("range");
    this.asked.push(`${name} ${range ?? "whole"}`);
    if (bytes === undefined) return new Response(null, { status: 404 });
    const etag = `"${sha256(bytes).slice(0, 32)}"`;
    const match = headers.get("if-match");
    if (match !== null && match !== etag) {
      return new Response(null, { status: 412 });
    }
    if (range === null) return new Response(bytes, { headers: { etag } });
    const [, from = "0", to] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const first = Number(from);
    const last = Math.min(Number(to || Infinity), bytes.length - 1);
    if (first > last) return new Response(null, { status: 416 });
    return new Response(bytes.slice(first, last + 1), {
      status: 206,
      headers: {
        etag,
        "content-range": `bytes ${first}-${last}/${bytes.length}`,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
