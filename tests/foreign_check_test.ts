/** A program elsewhere imports the library by path, and is checked with settings of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";

const MOD = new URL("../mod.ts", import.meta.url).href;

const PROGRAM = `
import { createRestorer, LimpidError, restore } from "${MOD}";
import type { RestoreOptions, RestoreResult } from "${MOD}";

const options: RestoreOptions = { task: ["rain", "haze"], strength: 0.5 };
try {
  const result: RestoreResult = await restore(new Uint8Array(), options);
  await Deno.writeFile("out.png", await result.encode({ format: "png" }));
} catch (error) {
  if (!(error instanceof LimpidError)) throw error;
  console.log(error.code);
}
await using restorer = await createRestorer({ device: "wasm" });
console.log(restorer.device, (await restorer.predictMask(new Blob())).mask.width);
`;

for (
  const [name, compilerOptions] of [
    ["default", {}],
    ["lax", {
      strict: false,
      noUncheckedIndexedAccess: false,
      exactOptionalPropertyTypes: false,
    }],
    ["strict", {
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      noImplicitReturns: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
    }],
  ] as const
) {
  Deno.test(`a program of another project passes deno check, ${name} settings`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const config = JSON.stringify({ compilerOptions });
      await Deno.writeTextFile(join(folder, "deno.json"), config);
      await Deno.writeTextFile(join(folder, "program.ts"), PROGRAM);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--no-lock", "program.ts"],
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
