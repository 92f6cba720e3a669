/** Every program in examples/ runs, as it is. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { infoOf } from "../lib/codecs/test_images.ts";
import { writeFakeModels } from "./fake_models.ts";
import { FileServer } from "./file_server.ts";
import { photo, withService } from "./service.ts";

const EXAMPLES = fileURLToPath(new URL("../examples/", import.meta.url));

/** Which of them were run. */
const seen = new Set<string>();

interface Scene {
  readonly folder: string;
  readonly models: string;
  readonly command: (name: string, ...args: string[]) => Deno.Command;
  readonly run: (name: string, ...args: string[]) => Promise<string>;
}

async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const models = await Deno.makeTempDir();
  await writeFakeModels(models);
  await Deno.writeFile(join(folder, "photo.png"), photo);
  const command = (name: string, ...args: string[]): Deno.Command => {
    seen.add(name);
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", join(EXAMPLES, name), ...args],
      cwd: folder,
      env: { LIMPID_MODELS: models },
      stdout: "piped",
      stderr: "piped",
    });
  };
  try {
    await body({
      folder,
      models,
      command,
      async run(name, ...args): Promise<string> {
        const { success, stdout, stderr } = await command(name, ...args)
          .output();
        assert.ok(success, `${name}: ${new TextDecoder().decode(stderr)}`);
        return new TextDecoder().decode(stdout);
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(models, { recursive: true });
  }
}

async function formatIn(folder: string, name: string): Promise<string> {
  return infoOf(await Deno.readFile(join(folder, name))).format;
}

Deno.test("examples: a file, a folder, progress, a mask, models from elsewhere", async () => {
  await withScene(async ({ folder, models, run }) => {
    const said = await run("restore_file.ts", "photo.png", "a.jpg");
    assert.equal(said, "Restored rain.\n");
    assert.equal(await formatIn(folder, "a.jpg"), "jpeg");
    await Deno.mkdir(join(folder, "in"));
    await Deno.writeFile(join(folder, "in", "b.png"), photo);
    await Deno.writeTextFile(join(folder, "in", "c.png"), "no image");
    assert.equal(await run("restore_folder.ts", "in", "out"), "b.png: rain\n");
    assert.equal(await formatIn(join(folder, "out"), "b.png"), "png");
    assert.match(
      await run("abort_and_progress.ts", "photo.png", "d.png"),
      /restore: 1 of 1/,
    );
    await run("own_mask.ts", "photo.png", "e.png");
    assert.equal(await formatIn(folder, "e.png"), "png");
    const files: Record<string, Uint8Array<ArrayBuffer>> = {};
    for await (const { name } of Deno.readDir(models)) {
      files[name] = await Deno.readFile(join(models, name));
    }
    await using server = new FileServer(files);
    const listed = await run(
      "models_from_bucket.ts",
      server.origin,
      "photo.png",
      "f.webp",
    );
    assert.match(listed, /^fake-mask [0-9a-f]{64}\nfake-rain /);
    assert.equal(await formatIn(folder, "f.webp"), "webp");
  });
});

Deno.test("examples: a client of the service, and a server of one's own", async () => {
  await withScene(async ({ folder, command, run }) => {
    await withService(async ({ origin }) => {
      const said = await run("http_client.ts", origin, "photo.png", "a.png");
      assert.equal(said, "rain\n");
      assert.equal(await formatIn(folder, "a.png"), "png");
    });
    const { port } = await freePort();
    const server = command("hono_handler.ts", String(port)).spawn();
    try {
      const url = `http://127.0.0.1:${port}/photo`;
      let answer: Response | null = null;
      while (answer === null) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        answer = await fetch(url, { method: "POST", body: photo })
          .catch(() => null);
      }
      assert.equal(answer.headers.get("content-type"), "image/webp");
      assert.equal(infoOf(await answer.bytes()).format, "webp");
      const bad = await fetch(url, { method: "POST", body: "no image" });
      assert.equal(bad.status, 422);
      assert.equal((await bad.json()).code, "not-an-image");
    } finally {
      server.kill("SIGTERM");
      await server.output();
    }
  });
});

Deno.test("examples: none is left out", async () => {
  const there: string[] = [];
  for await (const { name } of Deno.readDir(EXAMPLES)) {
    if (name.endsWith(".ts")) there.push(name);
  }
  assert.deepEqual([...seen].sort(), there.sort());
});

function freePort(): Promise<{ port: number }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return Promise.resolve({ port });
}
