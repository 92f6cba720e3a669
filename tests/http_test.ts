/** The service over HTTP, as clients use it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LimpidError } from "../lib/errors.ts";
import type { Answer } from "../lib/http/security/fetch_source.ts";
import { decode } from "../lib/codecs/decode.ts";
import { pngFile } from "../lib/codecs/test_images.ts";
import { cleanPhoto, photo, post, withService } from "./service.ts";
import { grainy, greyJpeg, png } from "./images.ts";
import { delay } from "./delay.ts";
import { exchangeRaw } from "./raw_http.ts";
import { photoWithBadText, TOKEN } from "./scene.ts";

const LIMITS = { maxPixels: 1e6, maxBytes: 1e7 };

Deno.test("http: a photograph is restored where it is damaged", async () => {
  await withService(async ({ origin, lines }) => {
    const answer = await post(`${origin}/restore`, photo);
    assert.equal(answer.status, 200);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const { headers } = answer;
    assert.equal(headers.get("content-type"), "image/png");
    assert.equal(headers.get("x-limpid-task"), "rain");
    assert.equal(headers.get("x-limpid-coverage"), "0.500000");
    assert.equal(headers.get("x-limpid-identical-pixels"), "0.500000");
    assert.equal(headers.get("x-limpid-tiles"), "1/1");
    assert.equal(headers.get("x-limpid-device"), "cpu");
    assert.match(
      headers.get("x-limpid-models")!,
      /^fake-mask=[0-9a-f]{64}, fake-rain=[0-9a-f]{64}$/,
    );
    const confidence = headers.get("x-limpid-confidence")!;
    assert.ok(Number(confidence) > 0.5);
    assert.match(
      headers.get("x-limpid-probabilities")!,
      new RegExp(
        `^rain=${confidence}, raindrop=0\\.\\d{4}, haze=.+, blur=.+, clean=.+$`,
      ),
    );
    assert.ok(Number(headers.get("x-limpid-severity")) > 0.9);
    const digest = createHash("sha256").update(bytes).digest("base64");
    assert.equal(headers.get("content-digest"), `sha-256=:${digest}:`);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    for (
      const stage of ["read", "queue", "decode", "mask", "restore", "encode"]
    ) {
      assert.match(headers.get("server-timing")!, new RegExp(`${stage};dur=`));
    }
    const { raster } = await decode(bytes, LIMITS);
    assert.deepEqual([...raster.data.slice(0, 4)], [128, 20, 20, 255]);
    assert.deepEqual([...raster.data.slice(4 * 40, 4 * 41)], [20, 40, 40, 255]);

    const line = lines.find(({ event }) => event === "request")!;
    assert.equal(line["id"], headers.get("x-request-id"));
    assert.equal(line["task"], "rain");
  });
});

Deno.test("http: how sure auto has to be is the client's choice, and so are several damages", async () => {
  // The models of the tests are 61 to 69 % sure of rain there.
  const faint = grainy(96, 64, (x) => x < 9 ? [255, 40, 40] : [10, 40, 40]);
  await withService(async ({ origin }) => {
    const said = async (query: string): Promise<unknown> => {
      const answer = await post(`${origin}/restore?${query}`, faint);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
      const size = query === "" ? "large" : "small";
      assert.equal(answer.headers.get("x-limpid-size"), size);
      return ["tasks", "restored"].map((name) =>
        answer.headers.get(`x-limpid-${name}`)
      );
    };
    assert.deepEqual(await said(""), ["rain", "nothing"]);
    assert.deepEqual(await said("size=small&minConfidence=0.6"), [
      "rain",
      "rain",
    ]);
    const both = "haze, rain";
    assert.deepEqual(await said("size=small&task=haze,rain"), [both, both]);
  });
  await withService(async ({ origin }) => {
    const restored = async (query: string): Promise<string | null> => {
      const answer = await post(`${origin}/restore?size=small&${query}`, faint);
      await answer.body?.cancel();
      return answer.headers.get("x-limpid-restored");
    };
    assert.equal(await restored(""), "rain");
    assert.equal(await restored("minConfidence=0.7"), "nothing");
  }, { variables: { LIMPID_MIN_CONFIDENCE: "0.6" } });
});

Deno.test("http: an image that is too narrow keeps its bytes, and that is said", async () => {
  const narrow = png(40, 9, (x) => [6 * x, 0, 0]);
  await withService(async ({ origin }) => {
    const answer = await post(`${origin}/restore?task=rain`, narrow);
    assert.deepEqual(await answer.bytes(), new Uint8Array(narrow));
    for (const path of ["mask", "mask?overlay=true"]) {
      const mask = await post(`${origin}/${path}`, narrow);
      assert.equal(mask.status, 200);
      const { raster } = await decode(await mask.bytes(), LIMITS);
      assert.deepEqual([raster.width, raster.height], [40, 9]);
      const said = mask.headers.get("x-limpid-warnings")!;
      assert.match(said, /is 40x9 pixels .* below 16\.$/);
      assert.equal(mask.headers.get("x-limpid-confidence"), "0.0000");
    }
  });
});

Deno.test("http: what was wrong with the image and did no harm is told; pixels are written exactly where that is asked", async () => {
  await withService(async ({ origin }) => {
    const address = `${origin}/restore?format=webp&quality=lossless`;
    const fine = await post(address, photo);
    assert.equal(fine.headers.get("x-limpid-warnings"), null);
    const { raster } = await decode(await fine.bytes(), LIMITS);
    assert.deepEqual([...raster.data.slice(0, 4)], [128, 20, 20, 255]);
    const told = await post(address, photoWithBadText);
    assert.equal(told.status, 200);
    assert.match(told.headers.get("x-limpid-warnings")!, /tEXt chunk is wrong/);
    assert.deepEqual((await decode(await told.bytes(), LIMITS)).raster, raster);
    const jpeg = await post(
      `${origin}/restore?format=jpeg&quality=lossless`,
      photo,
    );
    await jpeg.body?.cancel();
    assert.equal(jpeg.status, 400);
  });
});

Deno.test("http: the format follows the parameter, else Accept, else the image", async () => {
  await withService(async ({ origin }) => {
    const cases: [string, string, string][] = [
      ["", "*/*", "image/png"],
      ["", "image/avif,image/webp,image/*,*/*;q=0.8", "image/png"],
      ["", "image/jpeg", "image/jpeg"],
      ["", "image/png;q=0.2, image/webp", "image/webp"],
      ["", "image/jpeg, image/png", "image/png"],
      ["?format=webp&quality=50", "image/png", "image/webp"],
      ["?format=jpeg", "application/json", "image/jpeg"],
      ["", "image/avif", "image/avif"],
      ["?format=avif&quality=50", "image/png", "image/avif"],
    ];
    for (const [query, accept, type] of cases) {
      const answer = await post(`${origin}/restore${query}`, photo, { accept });
      await answer.body?.cancel();
      assert.equal(
        answer.headers.get("content-type"),
        type,
        `${query} ${accept}`,
      );
    }
    for (const path of ["restore", "restore?format=png", "mask"]) {
      const parts = await post(`${origin}/${path}`, photo, {
        accept: "multipart/mixed",
      });
      await parts.body?.cancel();
      const type = parts.headers.get("content-type")!;
      assert.match(type, /^multipart\/mixed/, path);
    }
    const none = await post(`${origin}/restore`, photo, {
      accept: "text/html",
    });
    assert.equal(none.status, 406);
    await none.body?.cancel();
  });
});

Deno.test("http: 16 bits a channel are kept where that is asked for, and refused in a format that has 8", async () => {
  const file = pngFile({
    width: 96,
    height: 64,
    depth: 16,
    colourType: 2,
    sample: (x, y, c) => {
      const grain = c === 2 ? 8 * ((x + y) % 2) : 0;
      const value = x < 48 && c === 0 ? 255 : 40 + grain;
      return value * 256 + (x * 31 + y * 7 + c) % 256;
    },
  });
  await withService(async ({ origin }) => {
    const deep = await post(`${origin}/restore?depth=16`, file);
    assert.equal(deep.headers.get("content-type"), "image/png");
    assert.equal(deep.headers.get("x-limpid-warnings"), null);
    const { data } = (await decode(await deep.bytes(), LIMITS, 16)).deep!;
    const before = (await decode(file, LIMITS, 16)).deep!.data;
    const kept = (i: number): boolean => (i >> 2) % 96 >= 48;
    assert.ok(data.every((value, i) => !kept(i) || value === before[i]));
    assert.ok(data.some((value, i) => value !== before[i]));
    const plain = await post(`${origin}/restore`, file);
    assert.equal((await decode(await plain.bytes(), LIMITS, 16)).bitDepth, 8);
    assert.notEqual(plain.headers.get("etag"), deep.headers.get("etag"));

    // What is accepted less gladly holds them too.
    const accept = "image/webp,image/*;q=0.8";
    const other = await post(`${origin}/restore?depth=16`, file, { accept });
    assert.equal(other.headers.get("content-type"), "image/png");
    assert.equal((await decode(await other.bytes(), LIMITS, 16)).bitDepth, 16);

    const told = await post(`${origin}/restore?depth=16`, photo);
    assert.match(told.headers.get("x-limpid-warnings")!, /has 8 bits/);
    await told.body?.cancel();
    for (
      const [query, accept] of [
        ["?depth=16&format=jpeg", "*/*"],
        ["?depth=16", "image/webp"],
        ["?depth=10", "*/*"],
      ] as const
    ) {
      const refused = await post(`${origin}/restore${query}`, file, { accept });
      assert.equal(refused.status, 400, query);
      assert.match((await refused.json()).type, /invalid-option$/);
    }
  });
});

Deno.test("http: a request says how far it is, to those who know its id and may call", async () => {
  await withService(async ({ origin, service }) => {
    const authorization = `Bearer ${TOKEN}`;
    const stages: string[] = [];
    const begin = service.progress.begin.bind(service.progress);
    service.progress.begin = (id) => {
      const job = begin(id);
      const tell = job.tell;
      job.tell = (now) => {
        tell(now);
        stages.push(service.progress.of(id)!.stage);
      };
      return job;
    };
    const look = async (id: string, headers = { authorization }) => {
      const answer = await fetch(`${origin}/progress/${id}`, { headers });
      return { status: answer.status, body: await answer.json() };
    };
    const { readable, writable } = new TransformStream<Uint8Array>();
    const body = writable.getWriter();
    const id = "a-request-of-mine";
    const answer = fetch(`${origin}/restore?report=json`, {
      method: "POST",
      body: readable,
      headers: { authorization, "x-request-id": id },
    });
    await body.write(photo.subarray(0, 100));
    // It is let in when its headers are there, a moment later.
    while ((await look(id)).status === 404) await delay(10);
    assert.deepEqual((await look(id)).body, {
      stage: "receive",
      done: 0,
      total: 1,
      fraction: 0,
    });
    assert.equal((await look("another-request")).status, 404);
    const stranger = await fetch(`${origin}/progress/${id}`);
    await stranger.body?.cancel();
    assert.equal(stranger.status, 401);
    await body.write(photo.subarray(100));
    await body.close();
    await (await answer).body?.cancel();
    assert.deepEqual([...new Set(stages)], [
      "queue",
      "decode",
      "mask",
      "restore",
      "encode",
    ]);
    assert.equal((await look(id)).status, 404);
  }, { variables: { LIMPID_TOKENS: TOKEN } });
});

Deno.test("http: without a token nobody learns more than that the service is there", async () => {
  const variables = {
    LIMPID_TOKENS: TOKEN,
    LIMPID_SOURCES: "https://photos.example.org/",
  };
  await withService(async ({ origin, service }) => {
    const ask = async (
      method: string,
      path: string,
      headers: Record<string, string>,
    ): Promise<number> => {
      const body = method === "POST" ? { body: photo } : {};
      const answer = await fetch(origin + path, { method, headers, ...body });
      await answer.body?.cancel();
      return answer.status;
    };
    for (
      const [method, path, allowed] of [
        ["POST", "/restore", 200],
        ["POST", "/mask", 200],
        ["GET", "/restore?url=https://photos.example.org/a.png", 502],
        ["GET", "/progress/a-request-of-mine", 404],
        ["GET", "/metrics", 200],
      ] as const
    ) {
      assert.equal(await ask(method, path, {}), 401, path);
      const wrong = { authorization: `Bearer ${TOKEN}2` };
      assert.equal(await ask(method, path, wrong), 401, path);
      const right = { authorization: `Bearer ${TOKEN}` };
      assert.equal(await ask(method, path, right), allowed, path);
    }
    assert.equal(service.admission.waiting, 0);
    for (const path of ["/livez", "/readyz", "/openapi.json", "/"]) {
      assert.equal(await ask("GET", path, {}), 200, path);
    }
  }, { variables });
});

Deno.test("http: a format that cannot hold the image gives way to PNG, where that is taken", async () => {
  await withService(async ({ origin }) => {
    const wide = greyJpeg(16400, 8);
    const browser = "image/avif,image/webp,image/apng,*/*;q=0.8";
    for (
      const [accept, status, type] of [
        [browser, 200, "image/png"],
        ["*/*", 200, "image/jpeg"],
        ["image/webp", 400, "application/problem+json"],
      ] as const
    ) {
      const answer = await post(`${origin}/restore`, wide, { accept });
      await answer.body?.cancel();
      assert.equal(answer.status, status, accept);
      assert.equal(answer.headers.get("content-type"), type, accept);
    }
  });
});

Deno.test("http: a method that is not for a path is told those that are", async () => {
  const allow = async (
    origin: string,
    path: string,
    method: string,
  ): Promise<string | null> => {
    const answer = await fetch(origin + path, { method });
    await answer.body?.cancel();
    assert.equal(answer.status, 405, `${method} ${path}`);
    return answer.headers.get("allow");
  };
  await withService(async ({ origin, port }) => {
    for (const method of ["OPTIONS", "PUT", "DELETE", "PATCH", "GET", "HEAD"]) {
      assert.equal(await allow(origin, "/restore", method), "POST");
    }
    assert.equal(await allow(origin, "/mask", "GET"), "POST");
    for (const path of ["/", "/livez", "/metrics", "/v2/models/fake-rain"]) {
      assert.equal(await allow(origin, path, "POST"), "GET, HEAD", path);
    }
    const trace = await exchangeRaw(port, [
      "TRACE /restore HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ], 0);
    assert.match(trace, /^HTTP\/1.1 405 [^]*\r\nallow: POST\r\n/i);
  });
  const variables = {
    LIMPID_CORS: "*",
    LIMPID_SOURCES: "https://photos.example.org/",
  };
  await withService(async ({ origin }) => {
    assert.equal(
      await allow(origin, "/restore", "PUT"),
      "OPTIONS, POST, GET, HEAD",
    );
  }, { variables });
});

Deno.test("http: a form's mask restricts or protects", async () => {
  await withService(async ({ origin }) => {
    const form = (mask: Uint8Array<ArrayBuffer>): FormData => {
      const form = new FormData();
      form.set("image", new File([photo], "photo.png"));
      form.set("mask", new File([mask], "mask.png"));
      return form;
    };
    const upper = png(64, 48, (_, y) => y < 12 ? [255, 255, 255] : [0, 0, 0]);
    for (const [use, share] of [["restrict", 0.875], ["protect", 0.625]]) {
      const answer = await post(`${origin}/restore?mask=${use}`, form(upper));
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
      const identical = Number(answer.headers.get("x-limpid-identical-pixels"));
      assert.equal(identical, share, String(use));
    }
    const small = await post(
      `${origin}/restore`,
      form(png(8, 8, () => [0, 0, 0])),
    );
    const problem = await small.json();
    assert.equal(problem.type, "urn:limpid:problem:invalid-option");
    assert.match(problem.detail, /8x8.*64x48/);
  });
});

Deno.test("http: a mask that nobody chose is none", async () => {
  await withService(async ({ origin }) => {
    const restored = async (mask?: string | File): Promise<Uint8Array> => {
      const form = new FormData();
      form.set("image", new File([photo], "photo.png"));
      if (mask !== undefined) form.set("mask", mask);
      const answer = await post(`${origin}/restore`, form);
      assert.equal(answer.status, 200);
      return await answer.bytes();
    };
    const plain = await restored();
    assert.deepEqual(await restored(""), plain);
    assert.deepEqual(await restored(new File([], "")), plain);
    const form = new FormData();
    form.set("image", new File([photo], "photo.png"));
    form.set("mask", "no file");
    const wrong = await post(`${origin}/restore`, form);
    assert.equal(wrong.status, 400);
    assert.match((await wrong.json()).detail, /mask must be a file/);
  });
});

Deno.test("http: a mask is a grey PNG, or laid over the image", async () => {
  await withService(async ({ origin }) => {
    const grey = await post(`${origin}/mask?task=rain`, photo);
    assert.match(grey.headers.get("server-timing")!, /encode;dur=/);
    assert.equal(grey.headers.get("x-limpid-task"), "rain");
    assert.equal(grey.headers.get("x-limpid-tiles"), null);
    const { raster } = await decode(
      new Uint8Array(await grey.arrayBuffer()),
      LIMITS,
    );
    assert.deepEqual(
      [raster.data[0], raster.data[4 * 40]],
      [255, 0],
    );
    const overlay = await post(`${origin}/mask?overlay=true`, photo);
    const laid = await decode(
      new Uint8Array(await overlay.arrayBuffer()),
      LIMITS,
    );
    assert.notEqual(laid.raster.data[0], laid.raster.data[2]);
  });
});

Deno.test("http: a report comes with image and mask, and form parsers read it", async () => {
  await withService(async ({ origin }) => {
    const answer = await post(`${origin}/restore?report=json`, photo);
    const type = answer.headers.get("content-type")!;
    const [, boundary] = /^multipart\/mixed; boundary=(.+)$/.exec(type)!;
    const body = await answer.blob();
    // Some parsers want the last one, which ends the body (RFC 2046, 5.1.1).
    assert.ok((await body.text()).endsWith(`\r\n--${boundary}--\r\n`));
    const form = await new Response(body, {
      headers: { "content-type": type.replace("mixed", "form-data") },
    }).formData();
    const report = JSON.parse(String(form.get("report")));
    assert.equal(report.task, "rain");
    assert.deepEqual(report.tiles, {
      total: 1,
      restored: 1,
      side: 960,
      asked: 960,
    });
    const { canvas, ...stages } = report.times;
    assert.deepEqual(Object.keys(stages), [
      "decode",
      "mask",
      "restore",
      "encode",
      "total",
    ]);
    assert.deepEqual(Object.keys(canvas), [
      "upload",
      "cut",
      "network",
      "blend",
      "readback",
    ]);
    // What is no number becomes null in JSON.
    for (const ms of [...Object.values(stages), ...Object.values(canvas)]) {
      assert.ok(typeof ms === "number" && ms >= 0, String(ms));
    }
    assert.equal(report.requestId, answer.headers.get("x-request-id"));
    for (const name of ["image", "mask"]) {
      const file = form.get(name) as File;
      assert.equal(file.type, "image/png");
      const { raster } = await decode(
        new Uint8Array(await file.arrayBuffer()),
        LIMITS,
      );
      assert.equal(raster.width, 64);
    }
  });
});

Deno.test("http: what the client has already is not made again", async () => {
  let tag = "";
  await withService(async ({ origin, lines }) => {
    const first = await post(`${origin}/restore?task=rain`, photo);
    await first.body?.cancel();
    const etag = first.headers.get("etag")!;
    assert.match(etag, /^W\/"[\w-]{32}"$/);
    tag = etag;
    const again = await post(`${origin}/restore?task=rain`, photo, {
      "if-none-match": `"other", ${etag}`,
    });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), "");
    assert.equal(again.headers.get("etag"), etag);
    const times = lines.at(-1)?.["times"] as Record<string, number>;
    assert.deepEqual(Object.keys(times), ["read"]);

    const form = new FormData();
    form.set("image", new File([photo], "photo.png"));
    const mask = png(64, 48, (x) => x < 12 ? [255, 255, 255] : [0, 0, 0]);
    form.set("mask", new File([mask], "mask.png"));
    const others: [string, BodyInit][] = [
      ["?task=rain", form],
      ["?task=haze", photo],
      ["?task=rain&strength=0.5", photo],
      ["?task=rain", cleanPhoto],
      ["?task=rain&format=webp", photo],
    ];
    for (const [query, body] of others) {
      const other = await post(`${origin}/restore${query}`, body, {
        "if-none-match": etag,
      });
      await other.body?.cancel();
      assert.equal(other.status, 200, query);
    }
    const webp = await post(`${origin}/restore?task=rain`, photo, {
      "if-none-match": etag,
      accept: "image/webp",
    });
    await webp.body?.cancel();
    assert.equal(webp.status, 200);
  });
  // What a service is set to do is part of what it does.
  await withService(async ({ origin }) => {
    const other = await post(`${origin}/restore?task=rain`, photo, {
      "if-none-match": tag,
    });
    await other.body?.cancel();
    assert.equal(other.status, 200);
    const told = await post(`${origin}/restore?report=json`, photo);
    assert.match(await told.text(), /"side":64,"asked":64/);
  }, { variables: { LIMPID_TILE: "64" } });
});

Deno.test("http: parameters that cannot be are refused by name", async () => {
  await withService(async ({ origin }) => {
    const cases: [string, RegExp][] = [
      ["task=fog", /"task"/],
      [
        "strength=2",
        /^The parameter "strength" is "2"; it must be a number from 0 to 1\.$/,
      ],
      ["mask=protect", /there is none; send it as the form field mask/],
      ["report=yes", /"report" is "yes"; it must be one of json\.$/],
      ["strength=", /"strength"/],
      ["strength=abc", /"strength"/],
      [
        "quality=0",
        /"quality" is "0"; it must be a number from 1 to 100, or lossless\.$/,
      ],
      ["format=gif", /"format"/],
      ["tsak=rain", /no parameter "tsak"/],
      ["task=rain&task=haze", /"task" is given twice/],
      ["overlay=true", /no parameter "overlay"/],
      ["url=http://example.org/a.png", /no parameter "url"/],
      ["__proto__=1", /no parameter "__proto__"/],
    ];
    for (const [query, says] of cases) {
      const answer = await post(`${origin}/restore?${query}`, photo);
      const problem = await answer.json();
      assert.equal(answer.status, 400, query);
      assert.equal(
        answer.headers.get("content-type"),
        "application/problem+json",
      );
      assert.equal(problem.type, "urn:limpid:problem:invalid-option");
      assert.equal(problem.status, 400);
      assert.equal(problem.requestId, answer.headers.get("x-request-id"));
      assert.match(problem.detail, says);
    }
  });
});

Deno.test("http: an image that takes more memory than is allowed is refused, the service's size is what it says", async () => {
  // The smallest tile fits, a tile of 300 pixels does not.
  const variables = { LIMPID_MAX_MEMORY: "100" };
  await withService(async ({ origin }) => {
    const refused = await post(
      `${origin}/restore`,
      png(300, 300, () => [9, 9, 9]),
    );
    assert.equal(refused.status, 422);
    const { type } = await refused.json();
    assert.equal(type, "urn:limpid:problem:too-much-memory");
    const small = await post(`${origin}/restore`, photo);
    await small.body?.cancel();
    assert.equal(small.status, 200);
  }, { variables });
  await withService(async ({ origin }) => {
    for (const size of ["small", "large"]) {
      const query = size === "small" ? "&size=small" : "";
      const url = `${origin}/restore?task=rain&report=json${query}`;
      const answer = await post(url, photo);
      assert.match(await answer.text(), new RegExp(`"size":"${size}"`));
    }
  }, { variables: { LIMPID_SIZE: "large" } });
});

Deno.test("http: health, readiness, models, KServe V2", async () => {
  await withService(async ({ origin, service }) => {
    const get = async (path: string): Promise<[number, unknown]> => {
      const answer = await fetch(origin + path);
      return [answer.status, await answer.json()];
    };
    assert.deepEqual(await get("/livez"), [200, { live: true }]);
    assert.deepEqual(await get("/readyz"), [200, {
      ready: true,
      device: "cpu",
    }]);
    const [, models] = await get("/models") as [number, {
      models: { id: string; sha256: string }[];
    }];
    assert.deepEqual(models.models.map(({ id }) => id).slice(0, 2), [
      "fake-mask",
      "fake-rain",
    ]);
    assert.doesNotMatch(JSON.stringify(models), /tmp|onnx/);
    assert.equal((await get("/v2/health/live"))[0], 200);
    assert.equal((await get("/v2/health/ready"))[0], 200);
    const [, model] = await get("/v2/models/fake-rain") as [number, {
      inputs: unknown[];
    }];
    assert.deepEqual(model.inputs[0], {
      name: "image",
      datatype: "FP32",
      shape: [1, 3, -1, -1],
    });
    assert.equal((await get("/v2/models/fake-rain/ready"))[0], 200);
    assert.equal((await get("/v2/models/none"))[0], 404);

    service.draining = true;
    assert.equal((await get("/readyz"))[0], 503);
    assert.equal((await get("/v2/health/ready"))[0], 503);
    assert.equal((await get("/livez"))[0], 200);
  });
});

Deno.test("http: no answer is run, framed, kept or read by pages elsewhere", async () => {
  await withService(async ({ origin }) => {
    for (const path of ["/livez", "/openapi.json", "/restore", "/nothing"]) {
      const { headers, body } = await fetch(origin + path);
      await body?.cancel();
      const policy = headers.get("content-security-policy");
      assert.equal(policy, "default-src 'none'; frame-ancestors 'none'", path);
      for (
        const [name, value] of [
          ["x-content-type-options", "nosniff"],
          ["referrer-policy", "no-referrer"],
          ["cross-origin-resource-policy", "same-origin"],
          ["cache-control", "no-store"],
        ] as const
      ) assert.equal(headers.get(name), value, `${name} of ${path}`);
    }
    const page = await fetch(origin);
    await page.body?.cancel();
    const policy = page.headers.get("content-security-policy")!;
    assert.match(policy, /script-src 'self';.*frame-ancestors 'none'/);
  });
});

Deno.test("http: while the service stops, connections end with their answers, and a device that is closed is no fault", async () => {
  await withService(async ({ origin, service }) => {
    const open = await fetch(`${origin}/livez`);
    await open.body?.cancel();
    assert.notEqual(open.headers.get("connection"), "close");
    service.draining = true;
    const last = await fetch(`${origin}/livez`);
    await last.body?.cancel();
    assert.equal(last.headers.get("connection"), "close");
    await service.supervisor[Symbol.asyncDispose]();
    const late = await post(`${origin}/restore`, photo);
    assert.equal(late.status, 503);
    const { type, detail } = await late.json();
    assert.equal(type, "urn:limpid:problem:not-ready");
    assert.equal(detail, "The server is stopping.");
  });
});

Deno.test("http: metrics count what was done", async () => {
  await withService(async ({ origin }) => {
    await (await post(`${origin}/restore`, photo)).body?.cancel();
    await (await post(`${origin}/restore`, cleanPhoto)).body?.cancel();
    await (await post(`${origin}/restore`, "no image")).body?.cancel();
    const answer = await fetch(`${origin}/metrics`);
    assert.match(
      answer.headers.get("content-type")!,
      /^text\/plain; version=0/,
    );
    const text = await answer.text();
    const value = (name: string): number => {
      const line = text.split("\n").find((l) => l.startsWith(`${name} `));
      return Number(line?.split(" ").at(-1));
    };
    const requests = "limpid_http_requests_total";
    assert.equal(
      value(`${requests}{route="/restore",method="POST",status="200"}`),
      2,
    );
    assert.equal(
      value(`${requests}{route="/restore",method="POST",status="415"}`),
      1,
    );
    assert.equal(value('limpid_tiles_total{outcome="restored"}'), 1);
    assert.equal(value('limpid_tiles_total{outcome="skipped"}'), 1);
    assert.equal(value('limpid_images_total{task="rain"}'), 1);
    assert.equal(value('limpid_stage_seconds_count{stage="mask"}'), 2);
    assert.equal(value("limpid_jobs_running"), 0);
    assert.equal(value("limpid_jobs_waiting"), 0);
    assert.equal(value("limpid_device_losses_total"), 0);
    assert.equal(value("limpid_ready"), 1);
    assert.ok(value('limpid_memory_bytes{kind="resident"}') > 1e6);
  });
});

Deno.test("http: pages elsewhere may call only where the operator said so", async () => {
  const ask = async (origin: string): Promise<string | null> => {
    const answer = await fetch(`${origin}/livez`, {
      headers: { origin: "https://app.example.org" },
    });
    await answer.body?.cancel();
    return answer.headers.get("access-control-allow-origin");
  };
  await withService(async ({ origin }) => {
    assert.equal(await ask(origin), null);
  });
  await withService(async ({ origin }) => {
    assert.equal(await ask(origin), "https://app.example.org");
    const preflight = await fetch(`${origin}/restore`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.org",
        "access-control-request-method": "POST",
      },
    });
    assert.equal(preflight.status, 204);
  }, { variables: { LIMPID_CORS: "https://app.example.org" } });
  await withService(async ({ origin }) => {
    assert.equal(await ask(origin), null);
  }, { variables: { LIMPID_CORS: "https://other.example.org" } });
});

Deno.test("http: an image in which nothing is damaged comes back as it came", async () => {
  await withService(async ({ origin }) => {
    const answer = await post(`${origin}/restore`, cleanPhoto);
    assert.equal(answer.headers.get("x-limpid-task"), "clean");
    assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), cleanPhoto);
  });
});

Deno.test("http: an image elsewhere is fetched, restored, and not made again", async () => {
  const source = "https://photos.example.org/street.png?signature=secret";
  const asked: string[] = [];
  await withService(async ({ origin, service, lines }) => {
    const get = (url: string, etag = ""): Promise<Response> =>
      fetch(`${origin}/restore?${new URLSearchParams({ url, task: "rain" })}`, {
        headers: etag === "" ? {} : { "if-none-match": etag },
      });
    const answer = await get(source);
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-limpid-task"), "rain");
    const again = await get(source, answer.headers.get("etag")!);
    assert.equal(again.status, 304);
    for (const { headers } of [answer, again]) {
      assert.equal(headers.get("cache-control"), "public, max-age=60");
      assert.equal(headers.get("vary"), "accept, authorization");
    }
    const query = new URLSearchParams({ url: source, task: "rain" });
    const head = await fetch(`${origin}/restore?${query}`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(service.answers.bytes, 0, "nobody takes its body");
    for (
      const url of ["https://evil.example/a.png", "http://127.0.0.1/", "x"]
    ) {
      const refused = await get(url);
      const problem = await refused.json();
      assert.equal(refused.status, 403);
      assert.equal(problem.type, "urn:limpid:problem:source-forbidden");
      assert.doesNotMatch(problem.detail, /evil|127|http/);
    }
    assert.deepEqual(asked, [source, source, source]);
    const noted = lines.find(({ event }) => event === "request")!["source"];
    assert.equal(noted, "https://photos.example.org/street.png");
  }, {
    variables: {
      LIMPID_SOURCES: "https://photos.example.org/",
      LIMPID_MAX_AGE: "60",
    },
    resolve: () => Promise.resolve(["93.184.215.14"]),
    connect(url): Promise<Answer> {
      asked.push(url.href);
      const body = new Blob([photo]).stream();
      return Promise.resolve({ status: 200, headers: {}, body });
    },
  });
  await withService(async ({ origin }) => {
    const off = await fetch(`${origin}/restore?url=${source}`);
    await off.body?.cancel();
    assert.equal(off.status, 405);
  });
});

Deno.test("http: the interface is described as it is", async () => {
  await withService(async ({ origin }) => {
    const document = await (await fetch(`${origin}/openapi.json`)).json();
    assert.equal(document.openapi, "3.1.0");
    const parameters = (path: string): string[] =>
      document.paths[path].post.parameters.map((p: { name: string }) => p.name)
        .sort();
    assert.deepEqual(parameters("/mask"), [
      "minConfidence",
      "overlay",
      "report",
      "size",
      "task",
      "threshold",
    ]);
    const strength = document.paths["/restore"].post.parameters
      .find((p: { name: string }) => p.name === "strength");
    assert.deepEqual(strength.schema, {
      type: "number",
      minimum: 0,
      maximum: 1,
    });
    // Each path is there, and every reference leads somewhere.
    for (const path of Object.keys(document.paths)) {
      const answer = await fetch(
        origin + path.replace("{model}", "fake-mask"),
        {
          method: document.paths[path].get === undefined ? "POST" : "GET",
        },
      );
      const said = await answer.text();
      // The path is there, a job of this name is not.
      if (path === "/progress/{id}") {
        assert.match(said, /No request with this id/);
      } else assert.ok([200, 400].includes(answer.status), path);
    }
    for (
      const [, ref] of JSON.stringify(document).matchAll(
        /"\$ref":"#\/([^"]+)"/g,
      )
    ) {
      const found = ref!.split("/").reduce((at, key) => at?.[key], document);
      assert.ok(found !== undefined, ref!);
    }
    const ids = Object.values(document.paths).flatMap((p) =>
      Object.values(p as Record<string, { operationId: string }>)
        .map(({ operationId }) => operationId)
    );
    assert.equal(new Set(ids).size, ids.length);
  });
});

Deno.test("http: a lost device is opened anew, and told of", async () => {
  await withService(async ({ origin, service, lines }) => {
    const { supervisor: engine } = service;
    const restorer = await engine.restorer(AbortSignal.timeout(5000));
    engine.noteError(restorer, new LimpidError("device-failed", "Lost."));
    // The same loss is told of by every job that was under way.
    engine.noteError(restorer, new LimpidError("device-failed", "Lost."));
    assert.deepEqual([engine.status.ready, engine.status.losses], [false, 1]);
    const down = await fetch(`${origin}/readyz`);
    await down.body?.cancel();
    assert.equal(down.status, 503);
    // A request that comes meanwhile waits for the new one.
    const answer = await post(`${origin}/restore`, photo);
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
    assert.equal(engine.status.ready, true);
    assert.equal(lines.filter((l) => l["event"] === "device-lost").length, 1);
    assert.match(
      await (await fetch(`${origin}/metrics`)).text(),
      /^limpid_device_losses_total 1$/m,
    );
  });
});

Deno.test("http: a device that is lost under a job is opened anew for the next", async () => {
  await withService(async ({ origin, service: { supervisor } }) => {
    const restorer = await supervisor.restorer(AbortSignal.timeout(5000));
    restorer.restore = () =>
      Promise.reject(new LimpidError("device-failed", "Lost."));
    const failed = await post(`${origin}/restore`, photo);
    assert.equal(failed.status, 503);
    const { type } = await failed.json();
    assert.equal(type, "urn:limpid:problem:device-failed");
    assert.equal(supervisor.status.losses, 1);
    const next = await post(`${origin}/restore`, photo);
    await next.body?.cancel();
    assert.equal(next.status, 200);
  });
});

Deno.test("http: a client that reads only once all is sent sees why it was refused", async () => {
  const pieces = Array<string>(12).fill("x".repeat(10_000));
  const head = (path: string, headers = ""): string =>
    `POST ${path} HTTP/1.1\r\nHost: here\r\n${headers}Content-Length: 120000\r\n\r\n`;
  await withService(async ({ port }) => {
    for (
      const [path, status] of [["/restore?x=1", 400], ["/nothing", 404], [
        "/restore",
        413,
      ]] as const
    ) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const encoder = new TextEncoder();
      for (const piece of [head(path), ...pieces]) {
        const bytes = encoder.encode(piece);
        assert.equal(await connection.write(bytes), bytes.length);
        await delay(80);
      }
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer);
      const text = new TextDecoder().decode(buffer.subarray(0, count ?? 0));
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), path);
      // The connection is good for another request.
      await connection.write(
        encoder.encode("GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"),
      );
      const next = await connection.read(buffer);
      assert.match(
        new TextDecoder().decode(buffer.subarray(0, next ?? 0)),
        /^HTTP\/1.1 200 /,
        path,
      );
    }
  }, { variables: { LIMPID_MAX_BYTES: "50000" } });
});

Deno.test("http: a request that cannot be read, or has too many headers, is logged and counted", async () => {
  await withService(async ({ port, lines, origin }) => {
    const many = Array.from({ length: 101 }, (_, i) => `h${i}: 1\r\n`).join("");
    for (
      const [headers, status] of [["Host: a b\r\n", 400], [
        `Host: here\r\n${many}`,
        431,
      ]] as const
    ) {
      const answer = await exchangeRaw(port, [
        `GET /livez HTTP/1.1\r\n${headers}\r\n`,
      ], 0);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      const id = /x-request-id: (\S+)/i.exec(answer)![1];
      assert.ok(answer.includes(`"requestId":"${id}"`));
      const line = lines.find((l) => l["id"] === id);
      assert.equal(line?.["status"], status);
    }
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    assert.match(
      metrics,
      /limpid_http_requests_total{route="none",method="other",status="431"} 1/,
    );
  });
});

Deno.test("http: stages of requests that fail are counted, and faults of a mask are called so", async () => {
  await withService(async ({ origin }) => {
    const form = new FormData();
    form.append("image", new Blob([photo]), "photo.png");
    form.append("mask", new Blob([]), "mask.png");
    const answer = await post(`${origin}/restore`, form);
    const { detail } = await answer.json();
    assert.equal(answer.status, 400);
    assert.match(detail, /^The mask's file cannot be used: /);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    for (const stage of ["read", "queue", "decode"]) {
      assert.match(
        metrics,
        new RegExp(`limpid_stage_seconds_count{stage="${stage}"} 1\n`),
      );
    }
  });
});

Deno.test("http: the page's files are sent once", async () => {
  await withService(async ({ origin }) => {
    for (const path of ["", "api", "page/style.css"]) {
      const first = await fetch(`${origin}/${path}`);
      await first.body?.cancel();
      const again = await fetch(`${origin}/${path}`, {
        headers: { "if-none-match": first.headers.get("etag")! },
      });
      assert.equal(again.status, 304);
      await again.body?.cancel();
      // Browsers take them in place of those they have.
      for (const [name, value] of again.headers) {
        if (["date", "x-request-id"].includes(name)) continue;
        assert.equal(first.headers.get(name), value, `${path} ${name}`);
      }
    }
    const live = await fetch(`${origin}/livez`);
    assert.equal(live.headers.get("cache-control"), "no-store");
    await live.body?.cancel();
  });
});
