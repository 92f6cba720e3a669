/**
 * A program elsewhere imports the library from a web server, without a
 * configuration file; models and Worker come from beside the module.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { png } from "./images.ts";
import { serveRepository } from "./served_repository.ts";

const PROGRAM = (mod: string): string => `
import { restore } from "${mod}";
const result = await restore(await Deno.readFile("in.png"), { task: "rain" });
await Deno.writeFile("out.png", await result.encode());
console.log(JSON.stringify({
  task: result.task,
  device: result.device,
  size: [result.width, result.height],
  models: result.models.map(({ id }) => id),
}));
`;

Deno.test("a script in another folder restores by mod.ts from a web server", async () => {
  await using server = serveRepository();
  const { origin, asked } = server;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(folder, "program.ts"),
      PROGRAM(`${origin}/mod.ts`),
    );
    await Deno.writeFile(
      join(folder, "in.png"),
      // Streaks, thin and slanting.
      png(70, 50, (x, y) => {
        const streak = (7 * x + y) % 61 < 7 ? 110 : 0;
        return [x + 30 + streak, y + 50 + streak, 90 + streak];
      }),
    );
    const { host } = new URL(origin);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-config",
        "--no-lock",
        // An earlier run may have had the same port, and other files.
        `--reload=${origin}`,
        `--allow-import=${host}`,
        `--allow-net=${host}`,
        "--allow-read",
        "--allow-write=out.png",
        "--allow-ffi",
        "program.ts",
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const errors = new TextDecoder().decode(stderr);
    assert.equal(code, 0, errors);
    const found = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(found.task, "rain");
    assert.deepEqual(found.size, [70, 50]);
    // The general mask network, and the large restorer with its own.
    assert.equal(found.models.length, 3);
    assert.ok(asked.includes("/models/manifest.json"), asked.join("\n"));
    const onnx = asked.filter((path) => /^\/models\/.*\.onnx$/.test(path));
    assert.equal(onnx.length, 3, asked.join("\n"));
    assert.ok((await Deno.stat(join(folder, "out.png"))).size > 100);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
