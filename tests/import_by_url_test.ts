/** The library as it is used without a copy of the repository: imported from a web server. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFakeModels } from "./fake_models.ts";
import { png } from "./images.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Serves the repository's files; its models from another folder, where it has none yet. */
function serve(models: string): Deno.HttpServer<Deno.NetAddr> & {
  readonly asked: string[];
} {
  const asked: string[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "localhost", onListen: () => {} },
    async ({ url }) => {
      const path = decodeURIComponent(new URL(url).pathname).slice(1);
      asked.push(path);
      const file = path.startsWith("models/")
        ? join(models, relative("models", path))
        : join(ROOT, path);
      const body = await Deno.readFile(file).catch(() => null);
      if (body === null) return new Response(null, { status: 404 });
      const type = path.endsWith(".ts")
        ? "application/typescript"
        : "application/octet-stream";
      return new Response(body, { headers: { "content-type": type } });
    },
  );
  return Object.assign(server, { asked });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("a script in another folder imports mod.ts by URL and restores an image", async () => {
  const folder = await Deno.makeTempDir();
  const own = join(ROOT, "models");
  const shipped = await exists(join(own, "manifest.json"));
  if (!shipped) await writeFakeModels(folder);
  await using server = serve(shipped ? own : folder);
  try {
    const host = `localhost:${server.addr.port}`;
    await Deno.writeFile(
      join(folder, "in.png"),
      png(96, 64, (x) => x < 48 ? [255, 40, 40] : [20, 40, 40]),
    );
    await Deno.writeTextFile(
      join(folder, "script.ts"),
      `import { restore } from "http://${host}/mod.ts";
const input = await Deno.readFile("in.png");
const result = await restore(input, { device: "wasm", task: "rain", tile: 64, overlap: 16 });
const { device, tiles, models, width, height } = result;
await Deno.writeFile("out.png", await result.encode());
console.log(JSON.stringify({ device, tiles, models, width, height }));
`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-config",
        "--no-lock",
        "--no-prompt",
        `--reload=http://${host}`,
        `--allow-import=${host}`,
        `--allow-net=${host}`,
        "--allow-read",
        "--allow-write=out.png",
        "script.ts",
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assert.equal(code, 0, text.decode(stderr));
    const said = JSON.parse(text.decode(stdout));
    assert.equal(said.device, "wasm");
    assert.equal(`${said.width}x${said.height}`, "96x64");
    assert.ok(said.tiles.total > 1);
    const out = await Deno.readFile(join(folder, "out.png"));
    assert.deepEqual([...out.subarray(1, 4)], [0x50, 0x4e, 0x47]);

    // Every model that took part came over the wire, from beside mod.ts.
    const { models } = JSON.parse(
      await Deno.readTextFile(join(shipped ? own : folder, "manifest.json")),
    );
    assert.ok(server.asked.includes("models/manifest.json"));
    assert.ok(said.models.length > 0);
    for (const { id } of said.models) {
      const { file } = models.find((model: { id: string }) => model.id === id);
      assert.ok(server.asked.includes(`models/${file}`));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
