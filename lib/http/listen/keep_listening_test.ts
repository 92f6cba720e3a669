import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { keepListening } from "./keep_listening.ts";

/** Clients in another thread that send without end. */
const CLIENTS = (port: number): string => `
  const body = new Uint8Array(65536);
  const head = "POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1000000000000\\r\\n\\r\\n";
  for (let i = 0; i < 100; i++) {
    const client = await Deno.connect({ hostname: "127.0.0.1", port: ${port} });
    await client.write(new TextEncoder().encode(head));
    (async () => { for (;;) await client.write(body); })();
  }`;

async function stop(server: Server, kept: Disposable): Promise<void> {
  kept[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

Deno.test({
  name:
    "a server that much is sent to is not made to listen anew: clients that wait would be sent away",
  // Requests that were open when the clients' thread ended.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    const server = createServer((request) => request.on("data", () => {}));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address() as AddressInfo;
    const kept = keepListening(server, address);
    let again = 0;
    server.on("listening", () => again++);
    const program = encodeURIComponent(CLIENTS(address.port));
    const clients = new Worker(`data:text/javascript,${program}`, {
      type: "module",
    });
    await new Promise((done) => setTimeout(done, 12_000));
    clients.terminate();
    await stop(server, kept);
    assert.equal(again, 0);
  },
});

Deno.test("a server that accepts nothing any more is made to listen anew", async () => {
  // The port belongs to another server, which accepts nothing.
  const deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = deaf.addr as Deno.NetAddr;
  const server = createServer((_, answer) => answer.end("here"));
  const kept = keepListening(server, {
    address: "127.0.0.1",
    port,
    family: "IPv4",
  });
  try {
    const listening = Promise.withResolvers<void>();
    server.once("listening", listening.resolve);
    // A port that is taken at first is tried again.
    server.once("error", () => deaf.close());
    await listening.promise;
    const answer = await fetch(`http://127.0.0.1:${port}`);
    assert.equal(await answer.text(), "here");
  } finally {
    await stop(server, kept);
  }
});
