/** `models` as its users meet it: killed, twice at once, on a full disk, on one that cannot be written. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../lib/models/store.ts";
import { limpid, type Run, start } from "./command_line.ts";
import { delay } from "./delay.ts";
import { FaultProxy, stall } from "./fault_proxy.ts";
import { FileServer } from "./file_server.ts";
import { fileEntry, manifestOf, randomBytes, sha256 } from "./model_files.ts";

const SMALL = randomBytes(1_000_000);
const BIG = randomBytes(8_000_000);
const MANIFEST = manifestOf([fileEntry("small", SMALL), fileEntry("big", BIG)]);

interface Scene {
  readonly server: FileServer;
  /** Spoils the requests for `big`. */
  readonly proxy: FaultProxy;
  readonly cache: string;
  readonly env: Record<string, string>;
  run(args: readonly string[]): Promise<Run>;
  /** Names in the cache, manifests left out. */
  names(): string[];
}

async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await using server = new FileServer({
    "manifest.json": new TextEncoder().encode(MANIFEST),
    "small.onnx": SMALL,
    "big.onnx": BIG,
  });
  await using proxy = new FaultProxy(server.origin, "big");
  const cache = await Deno.makeTempDir();
  const env = { LIMPID_CACHE_DIR: cache, LIMPID_MODELS: proxy.origin };
  try {
    await body({
      server,
      proxy,
      cache,
      env,
      run: (args) => limpid(["models", ...args], { env }),
      names: () =>
        [...Deno.readDirSync(cache)].map(({ name }) => name)
          .filter((name) => !name.endsWith("manifest.json")).sort(),
    });
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("models: listed, pulled, verified, pruned; offline says what is missing", async () => {
  await withScene(async ({ run, names, cache }) => {
    const listed = await run(["list"]);
    assert.equal(listed.code, 0, listed.err);
    assert.match(
      listed.out,
      /small .* to be fetched\n.*big .* to be fetched\n$/,
    );
    const missing = await run(["verify", "--offline"]);
    assert.equal(missing.code, 1);
    assert.match(
      missing.err,
      /^limpid: The model small of \S+ is not in the cache \S+; fetch it .*: deno task models pull --models "http.* \[model-missing\]\nlimpid: The model big of .*\n$/,
    );
    const either = await run(["pull", "small", "--offline"]);
    assert.match(
      either.err,
      /The model small of .* \(nor are big\); fetch it /,
    );
    const pulled = await run(["pull", "small"]);
    assert.equal(pulled.code, 0, pulled.err);
    assert.match(pulled.out, /^small: here \([0-9a-f]{12}\)\n$/);
    assert.equal((await run(["pull", "--json"])).code, 0);
    assert.deepEqual(names(), [sha256(SMALL), sha256(BIG)].sort());
    const verified = await run(["verify", "--offline", "--json"]);
    assert.equal(verified.code, 0, verified.out);
    await Deno.utime(join(cache, sha256(SMALL)), 1, 1);
    const pruned = await run(["prune", "--cache-limit", "8.5MB", "--json"]);
    assert.deepEqual(JSON.parse(pruned.out), {
      folder: cache,
      removed: 1,
      freed: 1_000_000,
      left: 8_000_000,
    });
    for (
      const args of [["pull", "bgi"], ["prune", "x"], ["push"], ["push", cache]]
    ) {
      assert.equal((await run(args)).code, 2, args.join(" "));
    }
  });
});

Deno.test("models pull: killed in the middle, it goes on there", async () => {
  await withScene(async ({ proxy, env, run, names, cache }) => {
    proxy.faults = [stall(5_000_000)];
    const child = start(["models", "pull", "big"], { env });
    const part = join(cache, `${sha256(BIG)}.part`);
    const size = async (): Promise<number> =>
      (await Deno.stat(part).catch(() => null))?.size ?? 0;
    for (let i = 0; await size() < 4_400_000; i++) {
      assert.ok(i < 600, "nothing is downloaded");
      await delay(100);
    }
    child.kill("SIGKILL");
    await child.output();
    const left = await size();
    assert.deepEqual(names(), [
      `${sha256(BIG)}.part`,
      `${sha256(BIG)}.part.json`,
    ]);

    const again = await run(["pull", "big"]);
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(proxy.asked, ["whole", `bytes=${left}-${BIG.length - 1}`]);
    assert.deepEqual(await Deno.readFile(join(cache, sha256(BIG))), BIG);
    assert.deepEqual(names(), [sha256(BIG)]);
  });
});

Deno.test("models pull: two at once, one download", async () => {
  await withScene(async ({ proxy, run, names }) => {
    proxy.faults = [stall(5_000_000)]; // For three seconds, then cut.
    const runs = await Promise.all([
      run(["pull", "big"]),
      run(["pull", "big"]),
    ]);
    for (const { code, err } of runs) assert.equal(code, 0, err);
    assert.deepEqual(proxy.asked, ["whole", `bytes=5000000-${BIG.length - 1}`]);
    assert.deepEqual(names(), [sha256(BIG)]);
  });
});

Deno.test("models pull: Ctrl-C ends it", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withScene(async ({ proxy, env, names, cache }) => {
    proxy.faults = [stall(5_000_000)];
    const child = start(["models", "pull", "big"], { env });
    for (let i = 0; proxy.asked.length === 0 && i < 600; i++) await delay(100);
    child.kill("SIGINT");
    const { code } = await child.output();
    assert.equal(code, 130);
    assert.ok(
      names().every((name) => name.startsWith(`${sha256(BIG)}.part`)),
      cache,
    );
  });
});

/** Mounting takes root. */
const mounts = Deno.build.os === "linux" &&
  await canMount();

async function mount(...args: string[]): Promise<boolean> {
  return (await new Deno.Command("mount", { args }).output()).success;
}

async function unmount(folder: string): Promise<void> {
  await new Deno.Command("umount", { args: [folder] }).output();
}

async function canMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  const can = await mount("-t", "tmpfs", "-o", "size=1m", "none", folder)
    .catch(() => false);
  if (can) await unmount(folder);
  await Deno.remove(folder);
  return can;
}

Deno.test("models: a full disk is told of, and the cache is as it was", {
  ignore: !mounts,
}, async () => {
  await withScene(async ({ cache, run, names }) => {
    assert.ok(await mount("-t", "tmpfs", "-o", "size=5m", "none", cache));
    try {
      assert.equal((await run(["pull", "small"])).code, 0);
      const { code, err } = await run(["pull", "big"]);
      assert.equal(code, 1);
      assert.match(
        err,
        /The disk of the models' cache \S+ is full; free 8 MB, or set LIMPID_CACHE_DIR to a folder elsewhere\. \[unwritable\]\n$/,
      );
      assert.deepEqual(names(), [sha256(SMALL)]);
      assert.equal((await run(["verify", "small", "--offline"])).code, 0);
    } finally {
      await unmount(cache);
    }
  });
});

Deno.test("models: a read-only cache serves what it has, memory the rest", {
  ignore: !mounts,
}, async () => {
  await withScene(async ({ cache, run, names, proxy, server }) => {
    assert.ok(await mount("-t", "tmpfs", "-o", "size=5m", "none", cache));
    try {
      assert.equal((await run(["pull", "small"])).code, 0);
      assert.ok(await mount("-o", "remount,ro", cache));
      using store = await openStore(proxy.origin, { cache });
      server.asked.length = 0;
      assert.deepEqual(await store.get("small"), SMALL);
      assert.deepEqual(await store.get("big"), BIG);
      assert.deepEqual(server.asked, ["big.onnx whole"]);
      assert.deepEqual(names(), [sha256(SMALL)]);
      const { code, err } = await run(["pull", "big"]);
      assert.equal(code, 1);
      assert.match(err, /cannot be kept in the cache .* \[unwritable\]/);
    } finally {
      await unmount(cache);
    }
  });
});
