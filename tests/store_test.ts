/** Stores on web servers: the cache, several callers, offline. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore, type StoreOptions } from "../lib/models/store.ts";
import {
  corrupt,
  cut,
  type Fault,
  FaultProxy,
  gzip,
  hangUp,
  redirect,
  stall,
  status,
  truncate,
} from "./fault_proxy.ts";
import { FileServer } from "./file_server.ts";
import { fileEntry, manifestOf, randomBytes, sha256 } from "./model_files.ts";

const SMALL = randomBytes(10_000);
const BIG = randomBytes(1_000_000);
const MANIFEST = new TextEncoder().encode(manifestOf([
  fileEntry("small", SMALL),
  fileEntry("big", BIG),
]));
const QUICK = { baseDelayMs: 1, idleTimeoutMs: 2000, maxAttempts: 3 };

interface Scene {
  readonly server: FileServer;
  /** Spoils the requests for `big`. */
  readonly proxy: FaultProxy;
  readonly cache: string;
  readonly options: StoreOptions;
}

async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await using server = new FileServer({
    "manifest.json": MANIFEST,
    "small.onnx": SMALL,
    "big.onnx": BIG,
  });
  await using proxy = new FaultProxy(server.origin, "big");
  const cache = await Deno.makeTempDir();
  try {
    await body({
      server,
      proxy,
      cache,
      options: { cache, retryPolicy: QUICK },
    });
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("store: what is in the cache is not fetched again, nor trusted", async () => {
  await withScene(async ({ server, cache, options }) => {
    for (let i = 0; i < 2; i++) {
      using store = await openStore(server.origin, options);
      assert.deepEqual(await store.get("small"), SMALL);
      await store.verify("small");
    }
    const wanted = [
      "manifest.json whole",
      "small.onnx whole",
      "manifest.json whole",
    ];
    assert.deepEqual(server.asked, wanted);

    const path = join(cache, sha256(SMALL));
    const spoiled = SMALL.slice();
    spoiled[5000]! ^= 1;
    await Deno.writeFile(path, spoiled);
    using store = await openStore(server.origin, options);
    await assert.rejects(store.verify("small"), {
      code: "model-corrupt",
      message: /The model small at .* has the sha256 /,
    });
    assert.deepEqual(await store.get("small"), SMALL);
    assert.deepEqual(await Deno.readFile(path), SMALL);
  });
});

Deno.test("store: a model that comes damaged is fetched again a minute later, not before", async () => {
  await withScene(async ({ proxy, server, options }) => {
    using store = await openStore(proxy.origin, options);
    proxy.faults.push(corrupt(500_000));
    let time = 0;
    performance.now = () => time;
    try {
      for (const ms of [0, 59_000]) {
        time = ms;
        await assert.rejects(store.get("big"), {
          code: "model-corrupt",
          message: /^The model big at .* has the sha256 /,
        });
      }
      const whole = server.asked.filter((asked) => asked === "big.onnx whole");
      assert.equal(whole.length, 1);
      // Others are not affected.
      assert.deepEqual(await store.get("small"), SMALL);
      time = 61_000;
      assert.deepEqual(await store.get("big"), BIG);
    } finally {
      Reflect.deleteProperty(performance, "now");
    }
  });
});

Deno.test("store: offline, and a server that is gone", async () => {
  await withScene(async ({ server, options }) => {
    const location = server.origin;
    const offline = { ...options, offline: true };
    await assert.rejects(openStore(location, offline), {
      code: "model-missing",
      message:
        /^The manifest of http:\S+ is not in the cache .*, and the network is not used in offline mode; fetch it .*: deno task models pull --models "http:/,
    });
    {
      using store = await openStore(location, options);
      await store.pull("small");
    }
    server.asked.length = 0;
    using store = await openStore(location, offline);
    assert.deepEqual(await store.get("small"), SMALL);
    for (
      const call of ["get", "pull", "verify"] as const
    ) {
      await assert.rejects(store[call]("big"), {
        code: "model-missing",
        message:
          /^The model big of http:\S+ is not in the cache \/.*; fetch it where there is a network, with: deno task models pull --models "http:/,
      });
    }
    assert.deepEqual(server.asked, []);
    const pin = `#sha256=${sha256(MANIFEST)}`;
    using pinned = await openStore(location + pin, options);
    assert.deepEqual(await pinned.get("small"), SMALL);
    assert.deepEqual(server.asked, []);
    const other = `#sha256=${"0".repeat(64)}`;
    await assert.rejects(openStore(location + other, options), {
      code: "model-corrupt",
      message: /the location demands 0{64}/,
    });
  });
});

Deno.test("store: several callers, one download; the last to leave stops it", async () => {
  await withScene(async ({ proxy, options }) => {
    using store = await openStore(proxy.origin, { ...options, cache: null });
    const seen: number[] = [];
    const abort = new AbortController();
    const results = await Promise.allSettled([
      store.get("big", { onProgress: (done) => seen.push(done) }),
      store.get("big"),
      store.get("big", {
        signal: abort.signal,
        onProgress: () => abort.abort(),
      }),
    ]);
    assert.deepEqual(results.map((r) => r.status), [
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    assert.equal((results[2] as PromiseRejectedResult).reason.code, "aborted");
    assert.equal(seen.at(-1), BIG.length);
    assert.equal(proxy.asked.length, 1);
  });
  await withScene(async ({ proxy, cache, options }) => {
    using store = await openStore(proxy.origin, options);
    const abort = new AbortController();
    proxy.faults = Array(10).fill(() =>
      new Promise<void>((done) => setTimeout(done, 1000))
    );
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(store.get("big", { signal: abort.signal }), {
      code: "aborted",
    });
    await assert.rejects(store.get("big", { signal: abort.signal }), {
      code: "aborted",
    });
    proxy.faults = [];
    assert.deepEqual(await store.get("big"), BIG);
    assert.ok((await Deno.stat(join(cache, sha256(BIG)))).isFile);
  });
});

Deno.test("store: a manifest through a network that does its worst", async () => {
  await using server = new FileServer({
    "manifest.json": MANIFEST,
    "small.onnx": SMALL,
  });
  await using proxy = new FaultProxy(server.origin, "manifest");
  const options = {
    cache: null,
    retryPolicy: { ...QUICK, idleTimeoutMs: 200 },
  };
  for (const fault of [cut(100), stall(100), gzip, status(503), hangUp]) {
    proxy.faults = [fault];
    using store = await openStore(proxy.origin, options);
    assert.deepEqual(await store.get("small"), SMALL);
  }
  const pin = `#sha256=${sha256(MANIFEST)}`;
  const failures: [Fault, string, string, RegExp][] = [
    [truncate(100), "", "model-corrupt", /is not valid: it is not JSON/],
    [truncate(100), pin, "model-corrupt", /the location demands/],
    [corrupt(30), pin, "model-corrupt", /the location demands/],
    [status(403), "", "model-missing", /answered 403/],
    [
      redirect("ftp://host"),
      "",
      "model-missing",
      /an address that is not https:/,
    ],
  ];
  for (const [fault, pinned, code, message] of failures) {
    proxy.faults = [fault];
    proxy.asked = [];
    const opened = openStore(proxy.origin + pinned, options);
    await assert.rejects(opened, { code, message });
    assert.equal(proxy.asked.length, 1);
  }
});

Deno.test("store: what an earlier process left spoiled is fetched anew, and nothing stays where nothing came", async () => {
  await withScene(async ({ proxy, cache, options }) => {
    using store = await openStore(proxy.origin, options);
    const part = join(cache, `${sha256(BIG)}.part`);
    await Deno.writeFile(part, new Uint8Array(BIG.length));
    assert.deepEqual(await store.get("big"), BIG);
    assert.deepEqual(proxy.asked, ["whole"]);
  });
  await withScene(async ({ proxy, cache, options }) => {
    proxy.faults = Array(10).fill(status(404));
    using store = await openStore(proxy.origin, options);
    await assert.rejects(store.get("big"), { code: "model-missing" });
    const left = [...Deno.readDirSync(cache)].map(({ name }) => name);
    assert.equal(left.length, 1, left.join());
  });
});

Deno.test({
  name: "store: without permissions for a cache, in memory",
  permissions: { net: ["127.0.0.1"] },
  fn: async () => {
    await using server = new FileServer({
      "manifest.json": MANIFEST,
      "small.onnx": SMALL,
    });
    using store = await openStore(server.origin);
    assert.deepEqual(await store.get("small"), SMALL);
    assert.equal(await store.get("small"), await store.get("small"));
    assert.equal(server.asked.length, 2);
    await assert.rejects(store.checkKept("small"), {
      code: "unwritable",
      message: /as no folder for one is known/,
    });
  },
});
