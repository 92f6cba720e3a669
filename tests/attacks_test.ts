/** What people do to servers on the internet, and that this one goes on serving. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import { deflateSync } from "node:zlib";
import { type Protocol, PROTOCOLS } from "../lib/http/listen/listen.ts";
import { delay } from "./delay.ts";
import { avif, gif, grainy, greyJpeg, tiff } from "./images.ts";
import { spoiledFiles } from "../lib/codecs/test_spoiled_files.ts";
import { exchangeRaw } from "./raw_http.ts";
import { photo, post, type Running, withService } from "./service.ts";

/** A service that takes little and does not wait long. */
const SMALL = {
  LIMPID_MAX_BYTES: "400000",
  LIMPID_MAX_PIXELS: "1000000",
  LIMPID_IDLE_TIME: "0.5",
  LIMPID_READ_TIME: "1.5",
};

/** It still does its work. */
async function checkServing({ origin }: Running): Promise<void> {
  const answer = await post(`${origin}/restore`, photo);
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-limpid-task"), "rain");
}

/** The last part of the type of a problem, and nothing in it that is not the caller's business. */
async function problemOf(answer: Response): Promise<string> {
  const text = await answer.text();
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.doesNotMatch(text, /\/tmp|\/work|file:|https?:|\.ts|\n\s+at /);
  return JSON.parse(text).type.split(":").at(-1);
}

const text = new TextEncoder();
const cut = photo.slice(0, photo.length / 2);
const wrongChecksum = photo.slice();
wrongChecksum[wrongChecksum.length - 16]! ^= 1;

const HOSTILE: readonly [string, Uint8Array<ArrayBuffer>, number, string][] = [
  ["nothing", new Uint8Array(), 400, "empty-input"],
  ["text", text.encode("no image\n"), 415, "not-an-image"],
  ["a script", text.encode("#!/bin/sh\nrm -rf /\n"), 415, "not-an-image"],
  ["SVG", text.encode("<svg onload='x'/>"), 415, "unsupported-format"],
  ["TIFF", tiff(), 422, "corrupt-image"],
  ["AVIF", avif(), 415, "unsupported-format"],
  ["half a PNG", cut, 422, "corrupt-image"],
  ["half a JPEG", greyJpeg(512, 512).slice(0, 400), 422, "corrupt-image"],
  ["a PNG with a wrong checksum", wrongChecksum, 422, "corrupt-image"],
  // Unchecked, this one took 26 s and 4.4 GB in a decoder that trusts headers.
  ["a JPEG bomb", greyJpeg(20000, 20000, 364_000), 422, "too-many-pixels"],
  // And this one asked for 17 GB.
  ["a GIF bomb", gif(65535, 65535), 422, "too-many-pixels"],
  ["too long a file", new Uint8Array(400_001), 413, "too-many-bytes"],
];

Deno.test("attack: hostile files", async () => {
  await withService(async (running) => {
    for (const path of ["/restore", "/mask"]) {
      for (const [name, bytes, status, code] of HOSTILE) {
        const answer = await post(running.origin + path, bytes);
        assert.equal(answer.status, status, name);
        assert.equal(await problemOf(answer), code, name);
      }
    }
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: a hostile mask beside a good photograph", async () => {
  await withService(async (running) => {
    for (const [name, bytes, , code] of HOSTILE.slice(0, -1)) {
      const form = new FormData();
      form.set("image", new File([photo], "a.png"));
      form.set("mask", new File([bytes], "m.png"));
      const answer = await post(`${running.origin}/restore`, form);
      assert.ok(answer.status < 500, name);
      // A header that gives another size than the image's is enough.
      const says = name === "half a JPEG" ? "invalid-option" : code;
      assert.equal(await problemOf(answer), says, name);
    }
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: forms that are none, or far too many parts", async () => {
  await withService(async (running) => {
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `--b\r\nContent-Disposition: form-data; name="f${i}"\r\n\r\n`,
    ).join("").slice(0, 390_000);
    const part = (name: string, file = '; filename="x"'): string =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\nx\r\n`;
    const cases: [string, string][] = [
      ["multipart/form-data", "--b\r\n"],
      ["multipart/form-data; boundary=", "--b\r\n"],
      ["multipart/mixed; boundary=b", "--b--\r\n"],
      ["multipart/form-data; boundary=b", "no form at all"],
      ["multipart/form-data; boundary=b", many],
      ["multipart/form-data; boundary=b", part("mask") + "--b--\r\n"],
      ["multipart/form-data; boundary=b", part("image", "") + "--b--\r\n"],
      [
        "multipart/form-data; boundary=b",
        part("../../etc/passwd") + "--b--\r\n",
      ],
      [
        "multipart/form-data; boundary=b",
        part("image").repeat(2) + "--b--\r\n",
      ],
    ];
    for (const [type, body] of cases) {
      const answer = await post(`${running.origin}/restore`, body, {
        "content-type": type,
      });
      assert.equal(answer.status, 400, `${type} ${body.slice(0, 80)}`);
      assert.equal(await problemOf(answer), "invalid-request");
    }
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: a compressed body, which could be a bomb", async () => {
  await withService(async (running) => {
    const answer = await post(
      `${running.origin}/restore`,
      new Uint8Array(deflateSync(photo)),
      {
        "content-encoding": "deflate",
      },
    );
    assert.equal(answer.status, 400);
    assert.equal(await problemOf(answer), "invalid-request");
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: a body that comes by drops, and one that stops", async () => {
  await withService(async (running) => {
    const head =
      "POST /restore HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
    const began = performance.now();
    const [drops, silence] = await Promise.all([
      exchangeRaw(running.port, [head, ...Array<string>(60).fill("x")], 100),
      exchangeRaw(running.port, [head, "xxx"], 0),
    ]);
    assert.match(drops, /^HTTP\/1.1 408 /);
    assert.match(silence, /^HTTP\/1.1 408 /);
    assert.match(silence, /too-slow-body/);
    assert.ok(performance.now() - began < 30_000);
    await checkServing(running);
    assert.equal(running.service.admission.waiting, 0);
  }, { variables: SMALL });
});

Deno.test("attack: headers that never end, and connections without a word", async () => {
  await withService(async (running) => {
    const [half, silence] = await Promise.all([
      exchangeRaw(running.port, ["GET /livez HTTP/1.1\r\nHost: x\r\n"], 0),
      exchangeRaw(running.port, [], 0),
    ]);
    assert.match(half, /^HTTP\/1.1 408 /);
    assert.match(silence, /^HTTP\/1.1 408 /);
    await checkServing(running);
  });
});

Deno.test("attack: a chunked body without end", async () => {
  await withService(async (running) => {
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const answer = await exchangeRaw(running.port, [
      "POST /restore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      ...Array<string>(200).fill(chunk),
    ], 1);
    assert.match(answer, /^HTTP\/1.1 413 /);
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: a chunked body of single bytes", async () => {
  await withService(async (running) => {
    const chunks = "1\r\nx\r\n".repeat(10_000);
    await exchangeRaw(running.port, [
      "POST /restore HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      ...Array<string>(100).fill(chunks),
    ], 1);
    const told = running.lines.find(({ status }) => status !== undefined);
    // The connection was closed long before it was all sent.
    assert.equal(told?.["error"], "client-gone", JSON.stringify(told));
    await checkServing(running);
  });
});

Deno.test("attack: a Content-Length that is wrong", async () => {
  await withService(async (running) => {
    const head = (length: string): string =>
      `POST /restore HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
    // Declared too long: refused before a byte of it is there.
    const long = await exchangeRaw(running.port, [head("99999999999")], 0);
    assert.match(long, /^HTTP\/1.1 413 /);
    // More than what comes: the connection is closed, or the wait is over.
    const more = await exchangeRaw(running.port, [head("5000"), "abc"], 0);
    assert.match(more, /^HTTP\/1.1 (408|400) /);
    // Less than what comes: the rest is no part of the body, and no request.
    const less = await exchangeRaw(running.port, [head("4"), "abcdefgh"], 0);
    assert.match(less, /^HTTP\/1.1 (415|400) /);
    for (const length of ["-1", "abc", "1e3", "5, 6"]) {
      const bad = await exchangeRaw(running.port, [head(length), "abcde"], 0);
      assert.match(bad, /^(HTTP\/1.1 400 |$)/, length);
    }
    const smuggled = await exchangeRaw(running.port, [
      "POST /restore HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    ], 0);
    assert.doesNotMatch(smuggled, /limpid_ready/);
    await checkServing(running);
  }, { variables: SMALL });
});

Deno.test("attack: a flood of headers, and one header that is too long", async () => {
  await withService(async (running) => {
    const flood = Array.from({ length: 5000 }, (_, i) => `X-${i}: ${i}\r\n`);
    const many = await exchangeRaw(running.port, [
      "GET /livez HTTP/1.1\r\nHost: x\r\n",
      ...flood,
      "\r\n",
    ], 0);
    assert.match(many, /^(HTTP\/1.1 4\d\d |$)/);
    const long = await exchangeRaw(running.port, [
      `GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${
        "x".repeat(2_000_000)
      }\r\n\r\n`,
    ], 0);
    assert.match(long, /^(HTTP\/1.1 4\d\d |$)/);
    const odd = await fetch(`${running.origin}/livez`, {
      headers: { "x-request-id": "{{inject}} <script>" },
    });
    await odd.body?.cancel();
    assert.match(odd.headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
    await checkServing(running);
  });
});

Deno.test("attack: paths that lead out of the house", async () => {
  await withService(async (running) => {
    for (
      const path of [
        "/../../../../etc/passwd",
        "/page/../../config.ts",
        "/page/..%2f..%2fconfig.ts",
        "/page/%2e%2e/%2e%2e/deno.json",
        "/page/....//....//deno.json",
        "//etc/passwd",
        "/page/app.js%00.png",
        "/page/",
        "/.git/config",
        "/models/../deno.json",
        "/v2/models/..%2f..%2fetc%2fpasswd",
      ]
    ) {
      const answer = await exchangeRaw(running.port, [
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ], 0);
      assert.match(answer, /^HTTP\/1.1 (404|400) /, path);
      assert.doesNotMatch(answer, /root:|permissions|import /, path);
    }
    await checkServing(running);
  });
});

Deno.test("attack: 1000 requests at once against a queue of 8", async () => {
  await withService(async (running) => {
    const before = Deno.memoryUsage().rss;
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const answer = await post(`${running.origin}/restore`, photo);
        await answer.body?.cancel();
        if (answer.status === 429) {
          assert.ok(Number(answer.headers.get("retry-after")) >= 1);
        }
        return answer.status;
      }),
    );
    const served = statuses.filter((s) => s === 200).length;
    assert.ok(served >= 9, `${served} were served`);
    assert.equal(statuses.filter((s) => s === 429).length, 1000 - served);
    assert.ok(Deno.memoryUsage().rss - before < 300e6);
    const { admission } = running.service;
    assert.deepEqual([admission.running, admission.waiting], [0, 0]);
    await checkServing(running);
  }, { variables: { LIMPID_JOBS: "1", LIMPID_QUEUE: "8" } });
});

/** Posts an image in packets of its own; what is returned leaves without the answer. */
const COMERS: Readonly<
  Record<
    Protocol,
    (running: Running, image: Uint8Array) => Promise<() => void>
  >
> = {
  async http1({ port }, image): Promise<() => void> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = text.encode(
      `POST /restore HTTP/1.1\r\nHost: x\r\nContent-Length: ${image.length}\r\n\r\n`,
    );
    for (let part of [head, image]) {
      while (part.length > 0) {
        part = part.subarray(await connection.write(part));
      }
    }
    return () => connection.close();
  },
  h2c({ origin }, image): Promise<() => void> {
    const client = http2.connect(origin);
    client.on("error", () => {});
    const stream = client.request({ ":method": "POST", ":path": "/restore" });
    stream.on("error", () => {});
    stream.end(image);
    return Promise.resolve(() => {
      stream.close(http2.constants.NGHTTP2_CANCEL);
      client.close();
    });
  },
};

for (const protocol of PROTOCOLS) {
  Deno.test(`attack: clients that leave do not keep the engine busy (${protocol})`, async () => {
    await withService(async (running) => {
      // A thousand tiles: seconds of work.
      const large = grainy(
        1600,
        1600,
        (x) => x % 64 < 32 ? [255, 40, 40] : [9, 9, 9],
      );
      const { admission } = running.service;
      for (let i = 0; i < 4; i++) {
        const leave = await COMERS[protocol](running, large);
        for (let k = 0; k < 600 && admission.running === 0; k++) {
          await delay(20);
        }
        await delay(200);
        leave();
      }
      for (
        let i = 0;
        i < 600 && admission.running + admission.waiting > 0;
        i++
      ) await delay(50);
      assert.deepEqual([admission.running, admission.waiting], [0, 0]);
      await checkServing(running);
      const left = running.lines.filter((l) => l["error"] === "client-gone");
      assert.ok(left.length > 0, "no job was stopped");
    }, {
      variables: {
        LIMPID_TILE: "64",
        LIMPID_HALO: "16",
        LIMPID_PROTOCOL: protocol,
      },
    });
  });
}

Deno.test("attack: work that takes longer than its stage may", async () => {
  await withService(async (running) => {
    const large = grainy(
      900,
      900,
      (x) => x % 64 < 32 ? [255, 40, 40] : [9, 9, 9],
    );
    const answer = await post(`${running.origin}/restore`, large);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
    assert.equal(await problemOf(answer), "too-slow");
  }, {
    variables: {
      LIMPID_TILE: "64",
      LIMPID_HALO: "16",
      LIMPID_MASK_TIME: "0.01",
    },
  });
});

Deno.test("attack: files spoiled at random (the long corpus is in `deno task soak`)", async () => {
  await withService(async (running) => {
    const statuses = new Map<number, number>();
    for await (const file of spoiledFiles(180, 7)) {
      const began = performance.now();
      const answer = await post(`${running.origin}/restore?task=rain`, file);
      await answer.body?.cancel();
      const { status } = answer;
      assert.ok(status < 500 || status === 503, `status ${status}`);
      assert.ok(performance.now() - began < 20_000);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    // The corpus is worth something only if it reaches both ends.
    assert.ok((statuses.get(200) ?? 0) > 10 && (statuses.get(422) ?? 0) > 10);
    await checkServing(running);
  }, { variables: SMALL });
});
