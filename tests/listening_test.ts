/** Connections: how many, over which protocol, and what becomes of them when the service stops. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import { PROTOCOLS } from "../lib/http/listen/listen.ts";
import { delay } from "./delay.ts";
import { exchangeRaw } from "./raw_http.ts";
import { TASK, untilReady, withServed } from "./served.ts";
import { photo, post, withService } from "./service.ts";

/** Uploads the photograph over HTTP/2 in pieces, and returns status and bytes of the answer. */
async function upload(
  origin: string,
  pieces: number,
  pause: number,
): Promise<[number, number]> {
  const client = http2.connect(origin);
  const { promise, resolve, reject } = Promise.withResolvers<
    [number, number]
  >();
  client.on("error", reject);
  const stream = client.request({
    ":method": "POST",
    ":path": "/restore",
    "content-length": photo.length,
  });
  let status = 0;
  let length = 0;
  stream.on("response", (headers) => status = Number(headers[":status"]));
  stream.on("data", (data: Uint8Array) => length += data.length);
  stream.on("error", reject);
  stream.on("close", () => resolve([status, length]));
  const step = Math.ceil(photo.length / pieces);
  for (let at = 0; at < photo.length; at += step) {
    stream.write(photo.subarray(at, at + step));
    await delay(pause);
  }
  stream.end();
  try {
    return await promise;
  } finally {
    client.close();
  }
}

Deno.test("serve: SIGTERM while bodies come in over HTTP/2: they are finished, exit 0", async () => {
  const env = { LIMPID_DEVICE: "cpu", LIMPID_PROTOCOL: "h2c" };
  await withServed(TASK, env, async ({ origin, child, lines, reading }) => {
    await untilReady(origin);
    const uploads = [100, 200, 300].map((pause) => upload(origin, 10, pause));
    await delay(500);
    child.kill("SIGTERM");
    for (const [status, length] of await Promise.all(uploads)) {
      assert.equal(status, 200);
      assert.ok(length > 100);
    }
    assert.equal((await child.status).code, 0);
    await reading;
    const statuses = lines.filter(({ route }) => route === "/restore")
      .map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200]);
  });
});

for (const protocol of PROTOCOLS) {
  const variables = { LIMPID_PROTOCOL: protocol };

  Deno.test(`attack: more connections than there are file descriptors (${protocol})`, async () => {
    const few: [string, ...string[]] = [
      "sh",
      "-c",
      'ulimit -n 128 && exec "$@"',
      "sh",
      Deno.execPath(),
    ];
    const env = { LIMPID_DEVICE: "cpu", ...variables };
    await withServed(TASK, env, async ({ origin }) => {
      await untilReady(origin);
      const port = Number(new URL(origin).port);
      const connections: Deno.Conn[] = [];
      for (let i = 0; i < 200; i++) {
        connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
      }
      await delay(500);
      for (const connection of connections) connection.close();
      for (let i = 0; !await livesAnew(origin); i++) {
        assert.ok(i < 30, "it accepts nothing any more");
        await delay(500);
      }
      const answer = await post(`${origin}/restore`, photo);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
    }, few);
  });

  Deno.test(`attack: connections beyond the limit are closed at once (${protocol})`, async () => {
    await withService(async ({ origin, port }) => {
      await delay(100);
      const connections: Deno.Conn[] = [];
      for (let i = 0; i < 9; i++) {
        connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
        await delay(20);
      }
      const closed = await Promise.all(connections.map(async (connection) => {
        const read = connection.read(new Uint8Array(1)).then(
          (count) => count === null,
          () => true,
        );
        return await Promise.race([read, delay(500).then(() => false)]);
      }));
      assert.equal(closed.filter((yes) => !yes).length, 5);
      for (const connection of connections) connection.close();
      await delay(100);
      const answer = await fetch(`${origin}/livez`);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
    }, { variables: { ...variables, LIMPID_CONNECTIONS: "5" } });
  });

  Deno.test(`attack: requests that are sent one after the other without waiting (${protocol})`, async () => {
    await withService(async ({ origin, port }) => {
      const few = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
      assert.match(await exchangeRaw(port, [few], 0), /^HTTP\/1.1 200 /);
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const many = new TextEncoder().encode(few.repeat(100));
      await connection.write(many).catch(() => {});
      const buffer = new Uint8Array(65_536);
      let length = 0;
      try {
        for (;;) {
          const count = await connection.read(buffer);
          if (count === null) break;
          length += count;
        }
      } catch {
        // The connection was reset.
      }
      assert.ok(length < many.length, `${length}`);
      const answer = await fetch(`${origin}/livez`);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
    }, { variables });
  });

  Deno.test(`what clients of HTTP/1 may send (${protocol})`, async () => {
    await withService(async ({ port }) => {
      const old = await exchangeRaw(port, ["GET /livez HTTP/1.0\r\n\r\n"], 0);
      assert.match(old, /^HTTP\/1.[01] 200 [^]*{"live":true}$/);
      const nameless = await exchangeRaw(port, [
        "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n",
      ], 0);
      assert.match(nameless, /^HTTP\/1.1 400 /);
      // An Upgrade that is not followed is ignored.
      for (const upgrade of ["h2c", "websocket"]) {
        const answer = await fetchRaw(
          port,
          `POST /restore?task=rain HTTP/1.1\r\nHost: x\r\n` +
            `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\n` +
            `HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: ${photo.length}\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1.1 200 /, upgrade);
      }
    }, { variables });
  });

  Deno.test(`a client that waits to be asked for its body is, unless it is refused (${protocol})`, async () => {
    const token = "0123456789abcdef-token";
    await withService(async ({ port }) => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const buffer = new Uint8Array(100_000);
      const exchange = async (sent: Uint8Array): Promise<string> => {
        await connection.write(sent);
        const count = await connection.read(buffer);
        return new TextDecoder("latin1").decode(buffer.subarray(0, count ?? 0));
      };
      const head = (authorization: string): Uint8Array =>
        new TextEncoder().encode(
          `POST /restore?task=rain HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${authorization}\r\n` +
            `Expect: 100-continue\r\nContent-Length: ${photo.length}\r\n\r\n`,
        );
      assert.match(await exchange(head(token)), /^HTTP\/1.1 100 /);
      assert.match(await exchange(photo), /^HTTP\/1.1 200 /);
      using other = await Deno.connect({ hostname: "127.0.0.1", port });
      await other.write(head("wrong"));
      const answer = await new Response(other.readable).text();
      assert.match(answer, /^HTTP\/1.1 401 [^]*connection: close/i);
    }, { variables: { ...variables, LIMPID_TOKENS: token } });
  });
}

/** Whether it answers on a connection that was not open before. */
async function livesAnew(origin: string): Promise<boolean> {
  using client = Deno.createHttpClient({});
  try {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`${origin}/livez`, { client, signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Sends a head and the photograph, and returns the beginning of the answer. */
async function fetchRaw(port: number, head: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (let part of [new TextEncoder().encode(head), photo]) {
    while (part.length > 0) part = part.subarray(await connection.write(part));
  }
  const buffer = new Uint8Array(1000);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

Deno.test("attack: half a preface of HTTP/2 holds no place for longer than a slow request", async () => {
  const variables = { LIMPID_PROTOCOL: "h2c", LIMPID_CONNECTIONS: "3" };
  await withService(async ({ origin, port }) => {
    const encoder = new TextEncoder();
    const silent = await Promise.all([
      "PRI",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ].map(async (start) => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(encoder.encode(start));
      return connection;
    }));
    const began = Date.now();
    await Promise.all(silent.map(async (connection) => {
      const buffer = new Uint8Array(1024);
      try {
        while (await connection.read(buffer) !== null);
      } catch {
        // The connection was reset.
      }
      connection.close();
    }));
    assert.ok(Date.now() - began < 20_000);
    const answer = await fetch(`${origin}/livez`);
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
  }, { variables });
});
