import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { exchangeRaw } from "../../../tests/raw_http.ts";
import type { Problem } from "../problem.ts";
import { createHttp1Server } from "./http1_server.ts";

Deno.test("a request of 100 headers is answered, one of more is refused", async () => {
  const refused: string[] = [];
  const { server, shutdown } = createHttp1Server({
    fetch: () => Promise.resolve(new Response("here")),
    refuse(problem: Problem): Response {
      refused.push(problem.code);
      return problem.response("id");
    },
  }, 1000);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const answerTo = (headers: number): Promise<string> => {
    const others = Array.from({ length: headers - 2 }, (_, i) => `h${i}: 1`);
    const lines = ["Host: here", "Connection: close", ...others];
    const head = `GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    return exchangeRaw(port, [head], 0);
  };
  try {
    assert.match(await answerTo(100), /^HTTP\/1.1 200 [^]*here/);
    assert.deepEqual(refused, []);
    assert.match(await answerTo(101), /^HTTP\/1.1 431 [^]*too-many-headers/);
    assert.deepEqual(refused, ["too-many-headers"]);
  } finally {
    await shutdown();
  }
});
