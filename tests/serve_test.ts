/** The service as a program: with the permissions of `deno task serve`, until it is told to stop. */
import assert from "node:assert/strict";
import { PROTOCOLS } from "../lib/http/listen/listen.ts";
import { delay } from "./delay.ts";
import { writeFakeModels } from "./fake_models.ts";
import { CONFIG, path, TASK, untilReady, withServed } from "./served.ts";
import { cleanPhoto, photo, post } from "./service.ts";
import { grainy } from "./images.ts";

Deno.test("serve: SIGTERM under load: what was accepted is finished, exit 0", async () => {
  const env = { LIMPID_DEVICE: "cpu", LIMPID_QUEUE: "30" };
  await withServed(TASK, env, async ({ origin, child, lines, reading }) => {
    await untilReady(origin);
    const large = grainy(
      300,
      300,
      (x) => x % 64 < 32 ? [255, 40, 40] : [9, 9, 9],
    );
    const requests = Array.from(
      { length: 16 },
      () =>
        post(`${origin}/restore`, large).then(async (answer) => {
          const { length } = new Uint8Array(await answer.arrayBuffer());
          return [
            answer.status,
            length === Number(answer.headers.get("content-length")),
          ];
        }),
    );
    // All are inside: some at work, the others in the queue.
    for (let waiting = 0; waiting < 8;) {
      const metrics = await (await fetch(`${origin}/metrics`)).text();
      waiting = Number(/^limpid_jobs_waiting (\d+)/m.exec(metrics)?.[1]);
      if (
        lines.filter((l) => l["event"] === "request" && l["task"]).length > 4
      ) break;
    }
    child.kill("SIGTERM");
    const answers = await Promise.all(requests);
    assert.deepEqual(answers, Array(16).fill([200, true]));
    const { code } = await child.status;
    await reading;
    assert.equal(code, 0);
    const last = lines.at(-1)!;
    assert.deepEqual([last["event"], last["finished"]], ["stopped", true]);
    await assert.rejects(fetch(`${origin}/livez`));
  });
});

Deno.test("serve: the configuration is logged, secrets are not", async () => {
  const token = "tokens-that-nobody-may-see";
  const secret = "secrets-that-nobody-may-see";
  const env = {
    LIMPID_DEVICE: "cpu",
    LIMPID_TOKENS: token,
    LIMPID_URL_KEYS: `k1:${secret}`,
    LIMPID_S3_ENDPOINT: "https://s3.example.org",
    LIMPID_QUEUE: "3",
  };
  await withServed(
    [...TASK, "--queue", "4"],
    env,
    async ({ origin, lines }) => {
      const refused = await post(`${origin}/restore`, photo);
      assert.equal(refused.status, 401);
      assert.equal(refused.headers.get("www-authenticate"), "Bearer");
      await refused.body?.cancel();
      const served = await post(`${origin}/restore?task=rain`, photo, {
        authorization: `Bearer ${token}`,
      });
      await served.body?.cancel();
      assert.equal(served.status, 200);
      const start = lines.find(({ event }) => event === "start")!;
      const config = start["config"] as Record<string, unknown>;
      assert.deepEqual(
        [config["tokens"], config["urlKeys"], config["queue"]],
        [1, ["k1"], 4],
      );
      assert.doesNotMatch(JSON.stringify(lines), /nobody-may-see/);
    },
  );
});

Deno.test("serve: what the models' address holds is not told, valid or not", async () => {
  const env = {
    LIMPID_DEVICE: "cpu",
    LIMPID_MODELS:
      "http://me:nobody-may-see@127.0.0.1:9/models/?token=nobody-may-see#nobody-may-see",
  };
  await withServed(TASK, env, async ({ lines }) => {
    for (let i = 0; i < 600; i++) {
      if (lines.some(({ event }) => event === "engine-failed")) break;
      await delay(100);
    }
    assert.ok(lines.some(({ event }) => event === "engine-failed"));
    assert.doesNotMatch(JSON.stringify(lines), /nobody-may-see/);
  });
  for (
    const address of [
      "https://store.example:44300443/models/?token=nobody-may-see",
      "s3://me:nobody-may-see@bucket/models?key=nobody-may-see",
    ]
  ) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...TASK],
      env: { ...env, LIMPID_MODELS: address },
    }).output();
    assert.equal(code, 2, address);
    for (const output of [stdout, stderr]) {
      assert.doesNotMatch(new TextDecoder().decode(output), /nobody-may-see/);
    }
  }
});

Deno.test("serve: as an edge platform runs it: deno serve, wasm, no native code", async () => {
  const models = await Deno.makeTempDir();
  await writeFakeModels(models);
  const { port } = await freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "serve",
      "-q",
      CONFIG,
      "--no-prompt",
      "--host=127.0.0.1",
      `--port=${port}`,
      "--allow-read",
      "--allow-env=LIMPID_DEVICE,LIMPID_MODELS,LIMPID_*",
      path("main.ts"),
    ],
    env: { LIMPID_MODELS: models, LIMPID_DEVICE: "wasm", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = new Response(child.stdout).text();
  try {
    const origin = `http://127.0.0.1:${port}`;
    for (let i = 0;; i++) {
      const up = await fetch(`${origin}/livez`).then(
        (a) => a.body?.cancel().then(() => a.ok),
        () => false,
      );
      if (up) break;
      assert.ok(i < 300, "it does not listen");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (
      const [image, task] of [[photo, "rain"], [cleanPhoto, "clean"]] as const
    ) {
      const answer = await post(`${origin}/restore`, image);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("x-limpid-task"), task);
      assert.equal(answer.headers.get("x-limpid-device"), "wasm");
    }
    const page = await (await fetch(origin)).text();
    assert.match(page, /<title>Limpid/);
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    assert.equal((await child.status).code, 0);
    clearTimeout(late);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended.
    }
    await child.status;
    await Deno.remove(models, { recursive: true });
  }
  // It tells where it listens, and no other place.
  const lines = (await output).trimEnd().split("\n").map((l) => JSON.parse(l));
  const listening = lines.find(({ event }) => event === "listening");
  assert.deepEqual([listening.host, listening.port], ["127.0.0.1", port]);
  assert.deepEqual(lines.slice(-2).map(({ event }) => event), [
    "stopping",
    "stopped",
  ]);
  const { config } = lines.find(({ event }) => event === "start");
  assert.equal(config.queue, 8);
  assert.equal("host" in config || "port" in config, false);
});

/** A port that nobody listens on just now. */
async function freePort(): Promise<{ port: number }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await Promise.resolve();
  return { port };
}

Deno.test("serve: --help tells every setting with its default", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...TASK, "--help"],
  }).output();
  assert.equal(code, 0);
  const help = new TextDecoder().decode(stdout);
  for (
    const name of [
      "host",
      "port",
      "queue",
      "size",
      "offline",
      "max-memory",
      "max-bytes",
      "tokens",
      "sources",
      "drain-time",
    ]
  ) {
    assert.match(help, new RegExp(`--${name} .*; default `));
  }
});

const WRONG: readonly [string[], RegExp][] = [
  [["--queue", "-1"], /--queue/],
  [["--port", "70000"], /--port/],
  [["--tokens", "short"], /16 characters/],
  [["--url-keys", "nocolon-but-long-enough"], /ID:SECRET/],
  [["--sources", "file:///etc"], /--sources/],
  [["--sources", "https://*.example.org/"], /--sources .* without wildcard/],
  [["--models", "https://example.org/#sha256=abc"], /sha256/],
  [["--cors", "example.org"], /--cors/],
  [["--s3-endpoint", "https://me:secret@host"], /--s3-endpoint must be/],
  [["--tile", "100"], /tile/],
  [["--prot", "1"], /no flag --prot/],
  [["photo.png"], /flags only/],
];

Deno.test("serve: settings that cannot be are told before anything begins", async () => {
  for (const [args, says] of WRONG) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...TASK, ...args],
    }).output();
    assert.equal(code, 2, args.join(" "));
    assert.match(new TextDecoder().decode(stderr), says);
  }
});

Deno.test("serve: a secret that is set and empty does not open the service", async () => {
  for (const name of ["LIMPID_TOKENS", "LIMPID_URL_KEYS"]) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...TASK],
      env: { [name]: "" },
    }).output();
    assert.equal(code, 2, name);
    assert.match(new TextDecoder().decode(stderr), new RegExp(name));
  }
});

Deno.test("serve: a port that is taken is told, by either server", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  for (const protocol of PROTOCOLS) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...TASK, "--port", String(port), "--protocol", protocol],
    }).output();
    assert.equal(code, 2, protocol);
    assert.match(
      new TextDecoder().decode(stderr),
      /cannot be listened on \(EADDRINUSE\); choose .* \[invalid-option\]/,
    );
  }
});

Deno.test("serve: without the permission to listen it says so in a sentence", async () => {
  for (const host of ["127.0.0.1", "localhost", "::1"]) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        CONFIG,
        "--no-prompt",
        "--allow-read",
        "--allow-env=LIMPID_*",
        path("cli.ts"),
        "serve",
        "--host",
        host,
        "--port",
        "0",
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assert.match(
      new TextDecoder().decode(stderr),
      /^limpid: Deno was not given the permission to listen on port 0 of \S+; add --allow-net\. \[invalid-option\]\n$/,
    );
    assert.equal(code, 2);
  }
});
