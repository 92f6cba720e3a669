/** The Worker of the codecs in processes of their own: it holds none of them up, with no more permissions than needed. */
import assert from "node:assert/strict";
import { writeFakeModels } from "./fake_models.ts";
import { grainy } from "./images.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * Runs a program in a folder with models and `in.png`; it may read, and nothing else.
 *
 * @param limits A shell's words before it, that end in a space.
 */
async function runElsewhere(program: string, limits = ""): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await writeFakeModels(folder);
    await Deno.writeFile(
      `${folder}/in.png`,
      grainy(64, 48, (x) => x < 32 ? [255, 40, 40] : [20, 40, 40]),
    );
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const deno = Deno.execPath();
    const [command, ...before] = limits === ""
      ? [deno] as const
      : ["sh", "-c", `${limits}exec "$@"`, "sh", deno] as const;
    const { success, stdout, stderr } = await new Deno.Command(
      command,
      {
        args: [
          ...before,
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

Deno.test({
  name:
    "where no file descriptors are left for a Worker, that is an error that passes, and no end of the process",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    const lines = await runElsewhere(
      `${IMPORT}
      const held = [];
      const hold = () => {
        try { for (;;) held.push(Deno.openSync("in.png")); } catch {}
        // For the models.
        for (const file of held.splice(-4)) file.close();
      };
      const free = () => held.splice(0).forEach((file) => file.close());
      const told = ({ code, message }) =>
        console.log(code, message.includes("too many files are open"));
      hold();
      await createRestorer(options).catch(told);
      free();
      const restorer = await createRestorer(options);
      hold();
      await restorer.restore(file).catch(told);
      free();
      console.log((await restorer.restore(file)).task);
      await restorer[Symbol.asyncDispose]();`,
      "ulimit -n 64 && ",
    );
    assert.equal(
      lines,
      "device-unavailable true\ncodec-failed true\nrain\n",
    );
  },
});
