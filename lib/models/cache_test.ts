import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../../tests/model_files.ts";
import { Cache, type Kept } from "./cache.ts";
import { cacheFolder } from "./cache_folder.ts";
import type { FileSink } from "./partial_file.ts";

/** A file of a thousand times one byte. */
function kept(byte: number): Kept & { readonly data: Uint8Array<ArrayBuffer> } {
  const data = new Uint8Array(1000).fill(byte);
  return { sha256: sha256(data), bytes: data.length, data };
}

async function withCache(
  limit: number,
  body: (cache: Cache, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using cache = new Cache(join(folder, "deep", "cache"), limit);
    await body(cache, cache.folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function put(cache: Cache, file: ReturnType<typeof kept>): Promise<void> {
  const taken = await cache.receive(file, "here", async (sink) => {
    const cursor = await sink.at(0);
    await cursor.write(file.data);
  }, null);
  assert.ok(taken);
}

Deno.test("Cache: the least recently used goes first, one in use never", async () => {
  await withCache(3000, async (writer, folder) => {
    const files = [1, 2, 3, 4, 5].map(kept);
    const [a, b, c, d, e] = files as [typeof files[0], ...typeof files];
    const cache = new Cache(folder, 3000);
    // Times are set, since a disk's clock ticks more slowly than this test runs.
    const usedAt = async (file: Kept, second: number): Promise<void> =>
      await Deno.utime(join(folder, file.sha256), second, second);
    for (const [i, file] of [a, b!, c!].entries()) {
      await put(cache, file);
      await usedAt(file, 1000 + i);
    }
    cache[Symbol.dispose]();
    const there = async (): Promise<boolean[]> =>
      await Promise.all(files.map((file) => cache.has(file)));
    assert.deepEqual(await there(), [true, true, true, false, false]);

    // Reading the oldest file makes it the most recently used.
    assert.deepEqual(await cache.read(a), a.data);
    const { mtime } = await Deno.stat(join(folder, a.sha256));
    assert.ok(Date.now() - mtime!.getTime() < 60_000);
    await usedAt(a, 1003);
    cache[Symbol.dispose]();
    await put(cache, d!);
    await usedAt(d!, 1004);
    cache[Symbol.dispose]();
    assert.deepEqual(await there(), [true, false, true, true, false]);

    // Another program has the oldest in use.
    assert.deepEqual(await writer.read(c!), c!.data);
    await usedAt(c!, 1);
    await put(cache, e!);
    cache[Symbol.dispose]();
    assert.deepEqual(await there(), [false, false, true, true, true]);

    assert.deepEqual(await cache.prune(0), {
      removed: 2,
      freed: 2000,
      left: 1000,
    });
    writer[Symbol.dispose]();
    assert.deepEqual(await cache.prune(0), {
      removed: 1,
      freed: 1000,
      left: 0,
    });
  });
});

Deno.test("Cache.prune: parts that nobody goes on with", async () => {
  await withCache(3000, async (cache, folder) => {
    await Deno.mkdir(folder, { recursive: true });
    const part = (byte: number): string =>
      join(folder, `${kept(byte).sha256}.part`);
    for (const byte of [1, 2, 3]) {
      await Deno.writeTextFile(part(byte), "begun");
      await Deno.writeTextFile(`${part(byte)}.json`, "{}");
      if (byte !== 2) await Deno.utime(part(byte), 1, 1);
    }
    using busy = await Deno.open(part(3));
    await busy.lock(true);
    assert.deepEqual(await cache.prune(), { removed: 1, freed: 5, left: 0 });
    assert.equal([...Deno.readDirSync(folder)].length, 4);
  });
});

Deno.test("Cache.receive: who comes second waits, and finds it done", async () => {
  await withCache(3000, async (one, folder) => {
    using two = new Cache(folder);
    const file = kept(7);
    const begun = Promise.withResolvers<void>();
    const filled: string[] = [];
    const receive = (cache: Cache, name: string): Promise<boolean> =>
      cache.receive(file, "here", async (sink) => {
        filled.push(name);
        begun.resolve();
        await new Promise((done) => setTimeout(done, 300));
        const cursor = await sink.at(0);
        await cursor.write(file.data);
      }, null);
    const first = receive(one, "one");
    await begun.promise;
    assert.deepEqual(await Promise.all([first, receive(two, "two")]), [
      true,
      true,
    ]);
    assert.deepEqual(filled, ["one"]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [
      file.sha256,
    ]);
  });
});

Deno.test("Cache.receive: where the folder goes meanwhile, nothing is kept, and the next file is", async () => {
  // Windows removes no file that is open.
  if (Deno.build.os === "windows") return;
  await withCache(3000, async (cache, folder) => {
    const file = kept(9);
    const fill = async (sink: FileSink): Promise<void> => {
      await Deno.remove(folder, { recursive: true });
      await (await sink.at(0)).write(file.data);
    };
    assert.equal(await cache.receive(file, "here", fill, null), false);
    await put(cache, file);
    assert.deepEqual(await cache.read(file), file.data);
  });
});

Deno.test("Cache.receive: waiting ends when the caller's signal is given", async () => {
  await withCache(3000, async (cache, folder) => {
    await Deno.mkdir(folder, { recursive: true });
    const file = kept(8);
    const path = join(folder, `${file.sha256}.part`);
    using busy = await Deno.open(path, { write: true, create: true });
    await busy.lock(true);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    await assert.rejects(
      cache.receive(file, "here", () => assert.fail("locked"), abort.signal),
      { code: "aborted" },
    );
  });
});

Deno.test("Cache.receive: another process that stands still is not waited for for ever", async () => {
  await withCache(3000, async (_, folder) => {
    await Deno.mkdir(folder, { recursive: true });
    const file = kept(8);
    const path = join(folder, `${file.sha256}.part`);
    using busy = await Deno.open(path, { write: true, create: true });
    await busy.lock(true);
    using cache = new Cache(folder, 3000, 0);
    const fill = (): never => assert.fail("locked");
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 60_000);
    try {
      const received = cache.receive(file, "here", fill, stop.signal);
      assert.equal(await received, false);
    } finally {
      clearTimeout(timer);
    }
  });
});

Deno.test("Cache: where no folder can be, nothing is written", async () => {
  const file = await Deno.makeTempFile();
  try {
    using cache = new Cache(join(file, "cache"));
    const { data: _, ...wanted } = kept(1);
    const taken = await cache.receive(
      wanted,
      "here",
      () => assert.fail("there is no cursor"),
      null,
    );
    assert.equal(taken, false);
    assert.equal(await cache.read(wanted), null);
    await cache.keepManifest("here", new Uint8Array(1));
    assert.equal(await cache.readManifest("here"), null);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test({
  name:
    "Cache: without permissions nothing is read or written, and nobody asked",
  permissions: "none",
  fn: async () => {
    assert.equal(cacheFolder(), null);
    using cache = new Cache("/nowhere");
    const { data: _, ...wanted } = kept(1);
    assert.equal(await cache.read(wanted), null);
    const taken = await cache.receive(
      wanted,
      "here",
      () => assert.fail("not permitted"),
      null,
    );
    assert.equal(taken, false);
  },
});

Deno.test("cacheFolder: own variable, XDG, the platform's", () => {
  const folder = (
    os: typeof Deno.build.os,
    env: Record<string, string>,
  ): string | null => cacheFolder((name) => env[name], os);
  const HOME = "/home/me";
  const XDG_CACHE_HOME = "/x";
  assert.equal(folder("linux", {}), null);
  assert.equal(folder("linux", { HOME }), "/home/me/.cache/limpid");
  assert.equal(
    folder("darwin", { HOME }),
    "/home/me/Library/Caches/limpid",
  );
  assert.equal(folder("linux", { HOME, XDG_CACHE_HOME }), "/x/limpid");
  assert.equal(
    folder("linux", { HOME, XDG_CACHE_HOME, LIMPID_CACHE_DIR: "/own" }),
    "/own",
  );
  assert.equal(
    (folder("windows", { LOCALAPPDATA: "C:" }))?.replaceAll("\\", "/"),
    "C:/limpid/cache",
  );
});

Deno.test("attack: links and pipes in the cache are not followed, read or written to", async () => {
  await withCache(1e6, async (cache, folder) => {
    const [a, b] = [kept(1), kept(2)];
    await Deno.mkdir(folder, { recursive: true });
    const elsewhere = join(folder, "..", "elsewhere");
    await Deno.writeFile(elsewhere, a.data);
    const pathOf = (file: Kept, end = ""): string =>
      join(folder, file.sha256 + end);
    // The right contents, but behind a link.
    await Deno.symlink(elsewhere, pathOf(a));
    assert.equal(await cache.has(a), false);
    assert.equal(await cache.read(a), null);
    // A part and its notes that lead elsewhere.
    await Deno.symlink(elsewhere, pathOf(a, ".part"));
    await Deno.symlink(elsewhere, pathOf(a, ".part.json"));
    await put(cache, a);
    assert.deepEqual(await cache.read(a), a.data);
    assert.ok((await Deno.lstat(pathOf(a))).isFile);
    assert.deepEqual(await Deno.readFile(elsewhere), a.data);
    // Opening a pipe would wait for its writer.
    for (const end of ["", ".part", ".part.json"]) {
      await new Deno.Command("mkfifo", { args: [pathOf(b, end)] }).output();
    }
    assert.equal(await cache.read(b), null);
    await put(cache, b);
    assert.deepEqual(await cache.read(b), b.data);
    const store = "https://store.example.org/";
    await cache.keepManifest(store, new Uint8Array(3));
    const [manifest] = [...Deno.readDirSync(folder)]
      .filter(({ name }) => name.endsWith(".manifest.json"));
    const path = join(folder, manifest!.name);
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assert.equal(await cache.readManifest(store), null);
    await cache.keepManifest(store, new Uint8Array(3));
    assert.equal((await cache.readManifest(store))?.length, 3);
    await cache.prune(0);
  });
});
