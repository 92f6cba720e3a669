import assert from "node:assert/strict";
import { FormParser } from "./form_parser.ts";
import { readPieces } from "./read_body.ts";
import { createHttp1Server } from "../listen/http1_server.ts";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/**
 * Clients in another thread that send endless forms, in which the boundary
 * nearly occurs all the time.
 */
const CLIENTS = (port: number): string => `
  const encode = (text) => new TextEncoder().encode(text);
  const piece = encode("\\r\\n--boundar".repeat(6000));
  for (let i = 0; i < 10; i++) {
    const client = await Deno.connect({ hostname: "127.0.0.1", port: ${port} });
    await client.write(encode("POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1000000000000\\r\\n\\r\\n" +
      '--boundary\\r\\nContent-Disposition: form-data; name="image"; filename="x"\\r\\n\\r\\n'));
    (async () => { for (;;) await client.write(piece); })().catch(() => {});
  }
  postMessage("sending");`;

const TYPE = "multipart/form-data; boundary=boundary";
const LIMITS = { maxBytes: 1e15, idleTime: 1e6, readTime: 1e6 };

Deno.test({
  name: "attack: forms without end, and others are answered all the same",
  // Requests that were open when the clients' thread ended.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    const { server, shutdown } = createHttp1Server(
      {
        async fetch({ method, body, signal }): Promise<Response> {
          if (method === "GET") return new Response("here");
          const form = new FormParser(TYPE, 0);
          await readPieces(body, null, LIMITS, signal, (p) => form.add(p));
          return new Response("read");
        },
        refuse: (problem) => problem.response("refused"),
      },
      1000,
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const program = encodeURIComponent(CLIENTS(port));
    const clients = new Worker(`data:text/javascript,${program}`, {
      type: "module",
    });
    await new Promise((resolve) => clients.onmessage = resolve);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (let i = 0; i < 5; i++) {
      using client = Deno.createHttpClient({});
      const answer = await fetch(`http://127.0.0.1:${port}`, {
        client,
        signal: AbortSignal.timeout(20_000),
      });
      assert.equal(await answer.text(), "here");
    }
    clients.terminate();
    server.closeAllConnections();
    await shutdown();
  },
});
