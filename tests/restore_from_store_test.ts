/** Restoring with models from a web server: preloaded, followed, from the cache alone. */
import assert from "node:assert/strict";
import { createRestorer, type Progress, restore } from "../mod.ts";
import { writeFakeModels } from "./fake_models.ts";
import { FileServer } from "./file_server.ts";
import { grainy } from "./images.ts";

const RAINY = grainy(64, 64, (x) => x < 60 ? [255, 40, 40] : [9, 9, 9]);

async function withServer(
  body: (server: FileServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const cache = await Deno.makeTempDir();
  try {
    await writeFakeModels(folder);
    const files: Record<string, Uint8Array<ArrayBuffer>> = {};
    for (const { name } of Deno.readDirSync(folder)) {
      files[name] = await Deno.readFile(`${folder}/${name}`);
    }
    await using server = new FileServer(files);
    Deno.env.set("LIMPID_CACHE_DIR", cache);
    await body(server);
  } finally {
    Deno.env.delete("LIMPID_CACHE_DIR");
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("restore: models from a server, preloaded, then from the cache offline", async () => {
  await withServer(async (server) => {
    const models = server.origin;
    {
      await using restorer = await createRestorer({
        models,
        device: "wasm",
        preload: ["rain"],
      });
      assert.deepEqual(server.asked.toSorted(), [
        "manifest.json whole",
        "mask.onnx whole",
        "restore.onnx whole",
      ]);
      const { task, models: used } = await restorer.restore(RAINY);
      assert.equal(task, "rain");
      assert.equal(used.length, 2);
      assert.equal(server.asked.length, 3);
    }
    const offline = { models, device: "wasm", offline: true } as const;
    assert.equal((await restore(RAINY, offline)).task, "rain");
    assert.equal(server.asked.length, 3);
  });
});

Deno.test("restore: LIMPID_MODELS, and downloads among its progress", async () => {
  await withServer(async (server) => {
    Deno.env.set("LIMPID_MODELS", server.origin);
    try {
      const seen: Progress[] = [];
      const { models } = await restore(RAINY, {
        device: "wasm",
        task: "rain",
        onProgress: (progress) => seen.push(progress),
      });
      assert.deepEqual(models.map(({ id }) => id), ["fake-mask", "fake-rain"]);
      const downloads = seen.filter(({ stage }) => stage === "download");
      assert.ok(
        downloads.some(({ done, total }) => total > 0 && done === total),
      );
    } finally {
      Deno.env.delete("LIMPID_MODELS");
    }
  });
});
