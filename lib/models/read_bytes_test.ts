import assert from "node:assert/strict";
import { publicUrl, readBytes } from "./read_bytes.ts";

Deno.test("readBytes: an endless answer is cut off, and its connection closed", async () => {
  const closed = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1000)),
          cancel: () => closed.resolve(),
        }),
      ),
  );
  const url = new URL(`http://localhost:${server.addr.port}/`);
  try {
    const { length } = await readBytes(url, 5000);
    assert.ok(length > 5000 && length < 1e6, `${length}`);
    await closed.promise;
  } finally {
    await server.shutdown();
  }
});

Deno.test("readBytes: a server that stops sending is given up", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      new URL(request.url).pathname === "/body"
        ? new Response(
          new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(10)) }),
        )
        : new Promise<Response>(() => {}),
  );
  const origin = `http://localhost:${server.addr.port}`;
  for (const path of ["/head", "/body"]) {
    await assert.rejects(readBytes(new URL(origin + path), 5000, 200), {
      code: "model-missing",
      message:
        `${origin}${path} cannot be read: the server sent nothing for 0.2 s; try again.`,
    });
  }
  // The answer that never comes would hold a graceful stop back.
  await Promise.race([
    server.shutdown(),
    new Promise((done) => Deno.unrefTimer(setTimeout(done, 100))),
  ]);
});

Deno.test({
  name: "readBytes: a permission that is missing is named",
  permissions: "none",
  fn: async () => {
    const refusals: [string, string][] = [
      ["file:///etc/hosts", "read"],
      ["http://localhost:8000/x", "net=localhost:8000"],
    ];
    for (const [url, flag] of refusals) {
      await assert.rejects(readBytes(new URL(url), 1), {
        code: "model-missing",
        message:
          `${url} cannot be read: it is not allowed; run Deno with --allow-${flag}.`,
      });
    }
  },
});

Deno.test("publicUrl: passwords and queries are not shown", () => {
  assert.equal(
    publicUrl(new URL("https://me:secret@host/a/b.onnx?signature=1#2")),
    "https://host/a/b.onnx",
  );
});
