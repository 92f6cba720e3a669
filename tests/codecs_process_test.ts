/** The Worker of the codecs in processes of their own: it holds none of them up, with no more permissions than needed. */
import assert from "node:assert/strict";
import { writeFakeModels } from "./fake_models.ts";
import { png } from "./images.ts";

const ROOT = new URL("../", import.meta.url);

/** Runs a program in a folder with models and `in.png`; it may read, and nothing else. */
async function runElsewhere(program: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await writeFakeModels(folder);
    await Deno.writeFile(
      `${folder}/in.png`,
      png(64, 48, (x) => x < 32 ? [255, 40, 40] : [20, 40, 40]),
    );
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          "run",
          "-q",
          "--no-config",
          "--no-lock",
          "--no-prompt",
          "--allow-read",
          "main.ts",
        ],
        cwd: folder,
        env: { NO_COLOR: "1" },
        signal: AbortSignal.timeout(120_000),
      },
    ).output();
    const text = new TextDecoder();
    assert.ok(success, text.decode(stderr));
    return text.decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const IMPORT = `
  import { createRestorer, restore } from "${new URL("mod.ts", ROOT)}";
  const options = { device: "wasm", models: "." } as const;
  const file = await Deno.readFile("in.png");`;

Deno.test("a process ends by itself after one image, encoded or not", async () => {
  assert.equal(
    await runElsewhere(`${IMPORT}
      console.log((await restore(file, options)).task);`),
    "rain\n",
  );
});

Deno.test("results can be encoded after the restorer is gone, and again, and the process ends", async () => {
  assert.equal(
    await runElsewhere(`${IMPORT}
      const result = await restore(file, options);
      const sizes = [];
      for (const format of ["png", "jpeg", "webp"] as const) {
        sizes.push((await result.encode({ format })).length);
      }
      await new Promise((done) => setTimeout(done, 50));
      sizes.push((await result.encodeMask({ overlay: true })).length);
      console.log(sizes.every((size) => size > 50));`),
    "true\n",
  );
});

Deno.test("a restorer that is closed while an image is under way holds up nothing", async () => {
  assert.equal(
    await runElsewhere(`${IMPORT}
      const restorer = await createRestorer(options);
      const pending = restorer.restore(file).then(() => "done", ({ code }) => code);
      await restorer[Symbol.asyncDispose]();
      console.log(["done", "device-failed"].includes(await pending));`),
    "true\n",
  );
});
