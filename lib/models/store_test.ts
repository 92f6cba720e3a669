import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openStore } from "./store.ts";

const BYTES = crypto.getRandomValues(new Uint8Array(5000));

function entry(id: string, task: string | null, size = "small"): object {
  const mask = task === null;
  return {
    id,
    kind: mask ? "mask" : "restore",
    task,
    size,
    file: `${id}.onnx`,
    bytes: BYTES.length,
    sha256: createHash("sha256").update(BYTES).digest("hex"),
    graph: {
      multiple: 16,
      thumb: 128,
      inputs: mask
        ? ["image", "thumb"]
        : ["image", "mask", "thumb", "thumb_mask"],
      outputs: mask ? ["mask", "evidence", "attention"] : ["restored"],
    },
    threshold: mask ? null : 0.05,
    softness: mask ? null : 0.2,
    gmacs: 1,
    figures: {},
    licence: "MIT",
    provenance: "a test",
  };
}

const MODELS = [
  entry("mask", null),
  entry("rain", "rain"),
  entry("rain-large", "rain", "large"),
  entry("gone", "haze"),
  entry("short", "blur"),
  entry("long", "raindrop"),
  entry("changed", "raindrop", "large"),
];
const CHANGED = BYTES.slice();
CHANGED[100]! ^= 1;
const FILES: Record<string, Uint8Array<ArrayBuffer>> = {
  "manifest.json": new TextEncoder().encode(
    JSON.stringify({ version: 1, models: MODELS }),
  ),
  "mask.onnx": BYTES,
  "rain.onnx": BYTES,
  "short.onnx": BYTES.slice(0, 4999),
  "long.onnx": new Uint8Array(2e6),
  "changed.onnx": CHANGED,
};

async function folder(): Promise<string> {
  const path = await Deno.makeTempDir();
  for (const [name, bytes] of Object.entries(FILES)) {
    await Deno.writeFile(`${path}/${name}`, bytes);
  }
  return path;
}

Deno.test("openStore: a folder by path, by relative path and by URL", async () => {
  const path = await folder();
  const cwd = Deno.cwd();
  try {
    Deno.chdir(path);
    for (const place of [path, `${path}/`, ".", new URL(`file://${path}`)]) {
      const store = await openStore(place);
      assert.equal(store.models.length, MODELS.length);
      assert.deepEqual(await store.get("mask"), BYTES);
      assert.match(store.location, /^file:\/\/.*\/$/);
    }
  } finally {
    Deno.chdir(cwd);
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("Store.find: by kind, task and size, the first where several fit", async () => {
  const path = await folder();
  try {
    const store = await openStore(path);
    assert.equal(store.find({ kind: "mask" }).id, "mask");
    assert.equal(store.find({ kind: "restore", task: "rain" }).id, "rain");
    assert.equal(
      store.find({ kind: "restore", task: "rain", size: "large" }).id,
      "rain-large",
    );
    assert.throws(() => store.find({ kind: "mask", size: "large" }), {
      code: "model-missing",
      message: /^There is no large mask model in file:.*; it has mask, rain, /,
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("Store.get: files that are missing or another are refused, and read again later", async () => {
  const path = await folder();
  try {
    const store = await openStore(path);
    const refusals: [string, string, RegExp][] = [
      ["nothing", "model-missing", /There is no model nothing in file:/],
      ["gone", "model-missing", /gone\.onnx cannot be read: there is no such/],
      ["short", "model-corrupt", /has 4999 bytes, its manifest says 5000;/],
      ["long", "model-corrupt", /has more than 5000 bytes, its manifest says/],
      ["changed", "model-corrupt", /has the sha256 [0-9a-f]{64}, its/],
    ];
    for (const [id, code, message] of refusals) {
      await assert.rejects(store.get(id), { code, message });
    }
    await Deno.writeFile(`${path}/gone.onnx`, BYTES);
    assert.deepEqual(await store.get("gone"), BYTES);
    // From memory now, and read once for callers at the same time.
    await Deno.remove(`${path}/gone.onnx`);
    assert.equal(await store.get("gone"), await store.get("gone"));
    const [a, b] = await Promise.all([store.get("rain"), store.get("rain")]);
    assert.equal(a, b);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("openStore: a web server", async () => {
  const asked: string[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    const bytes = FILES[pathname.replace("/models/", "")];
    return bytes
      ? new Response(bytes)
      : new Response("not here", { status: 404 });
  });
  const origin = `http://localhost:${server.addr.port}`;
  try {
    using store = await openStore(`${origin}/models`, { cache: null });
    assert.deepEqual(await store.get("mask"), BYTES);
    assert.deepEqual(asked, ["/models/manifest.json", "/models/mask.onnx"]);
    await assert.rejects(store.get("gone"), {
      code: "model-missing",
      message:
        `${origin}/models/gone.onnx cannot be fetched: the server answered 404 Not Found; check the location of the models.`,
    });
    await assert.rejects(store.get("long"), { code: "model-corrupt" });
    await assert.rejects(
      openStore(`${origin}/other?key=secret`, { cache: null }),
      {
        code: "model-missing",
        message:
          /other\/manifest\.json cannot be fetched: the server answered 404/,
      },
    );
  } finally {
    await server.shutdown();
  }
  await assert.rejects(
    openStore(origin, { cache: null, retryPolicy: { baseDelayMs: 1 } }),
    { code: "model-missing", message: /the server was not reached/ },
  );
});

Deno.test("openStore: a place that models cannot come from", async () => {
  for (const place of ["s3://", "http://", "ftp://host/"]) {
    await assert.rejects(openStore(place), { code: "invalid-option" });
  }
  await assert.rejects(openStore("/no/such/folder"), {
    code: "model-missing",
    message:
      "file:///no/such/folder/manifest.json cannot be read: there is no such file; check the location of the models.",
  });
  const path = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${path}/manifest.json`, new Uint8Array(2 ** 20 + 1));
    await assert.rejects(openStore(path), {
      code: "model-corrupt",
      message: /longer than 1048576 bytes/,
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
