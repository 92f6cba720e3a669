/** Variables that are set by mistake, in programs of their own with the library, and with another server's door to the service. */
import assert from "node:assert/strict";
import { writeFakeModels } from "./fake_models.ts";
import { CONFIG, path } from "./served.ts";

const MISTAKE = { LIMPID_SZIE: "large", NO_COLOR: "1" };
const TOLD = /There is no variable LIMPID_SZIE \(did you mean LIMPID_SIZE\?\)/;

/** What a program that opens a restorer says, given this permission for variables. */
async function library(
  env: string,
  models: string,
): Promise<{ code: number; out: string; err: string }> {
  const program = `
    import { createRestorer } from "${new URL("../mod.ts", import.meta.url)}";
    const models = ${JSON.stringify(models)};
    try {
      await using restorer = await createRestorer({ device: "wasm", models });
      console.log(restorer.device);
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, program);
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", CONFIG, "--no-prompt", "--allow-read", env, file],
      env: MISTAKE,
    }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), err: text.decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("a program with the library is told of a mistyped variable, where all may be listed", async () => {
  const models = await Deno.makeTempDir();
  await writeFakeModels(models);
  try {
    const all = await library("--allow-env", models);
    assert.match(all.out, /^invalid-option /, all.err);
    assert.match(all.out, TOLD);
    // Those that are granted one by one cannot be listed, and nobody is asked.
    const some = await library("--allow-env=LIMPID_*", models);
    assert.deepEqual([some.code, some.out], [0, "wasm\n"], some.err);
  } finally {
    await Deno.remove(models, { recursive: true });
  }
});

Deno.test("deno serve main.ts does not begin with wrong variables", async () => {
  for (
    const [env, told] of [
      [MISTAKE, TOLD],
      [{ LIMPID_QUEUE: "-1", NO_COLOR: "1" }, /LIMPID_QUEUE must be/],
    ] as const
  ) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["serve", "-q", CONFIG, "--no-prompt", "--host=127.0.0.1"]
        .concat("--port=0", "--allow-read", "--allow-env", path("main.ts")),
      env,
    }).output();
    const err = new TextDecoder().decode(stderr);
    assert.equal(code, 2, err);
    assert.match(err, told);
    assert.match(err, /^[^\n]* \[invalid-option\]\n$/, "one line");
  }
});
