/** Many images, shared among processes, as a Job does it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { limpid } from "./command_line.ts";
import { writeFakeModels } from "./fake_models.ts";
import { gif } from "./images.ts";
import { photo } from "./scene.ts";

Deno.test("batch: shares are disjoint and complete, what is done is not done again", async () => {
  const root = await Deno.makeTempDir();
  const [from, to, models] = ["in", "out", "models"].map((n) => join(root, n));
  try {
    await Deno.mkdir(join(from!, "a/b"), { recursive: true });
    await Deno.mkdir(models!);
    await writeFakeModels(models!);
    const names = [
      "1.png",
      "2.png",
      "a/1.png",
      "a/3.png",
      "a/b/4.png",
      "5.png",
    ];
    for (const name of names) await Deno.writeFile(join(from!, name), photo);
    await Deno.writeFile(join(from!, "1.gif"), gif(8, 8));
    await Deno.writeTextFile(join(from!, "notes.txt"), "no image");
    const env = { LIMPID_MODELS: models!, LIMPID_DEVICE: "cpu" };
    const run = async (more: Record<string, string>): Promise<string[]> => {
      const { code, out, err } = await limpid(["batch", from!, to!, "--json"], {
        env: { ...env, ...more },
      });
      assert.equal(code, 0, err);
      return out.split("\n").filter(Boolean).map((l) =>
        JSON.parse(l).output.slice(to!.length + 1)
      );
    };
    const shares = [
      await run({ JOB_COMPLETION_INDEX: "0", LIMPID_SHARDS: "2" }),
      await run({ CLOUD_RUN_TASK_INDEX: "1", CLOUD_RUN_TASK_COUNT: "2" }),
    ];
    assert.ok(shares.every((s) => s.length > 0), JSON.stringify(shares));
    assert.deepEqual(shares.flat().sort(), [...names, "1.gif.png"].sort());
    assert.deepEqual(await run({}), []);
    // One that was lost is done again, and nothing else.
    await Deno.remove(join(to!, "a/3.png"));
    assert.deepEqual(await run({}), ["a/3.png"]);

    const wrong = await limpid([
      "batch",
      from!,
      to!,
      "--shard",
      "2",
      "--shards",
      "2",
    ], { env });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /no share 2 of 2/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("attack: batch loses no result to another's name, and leaves its own alone", async () => {
  const root = await Deno.makeTempDir();
  const [from, models] = ["in", "models"].map((name) => join(root, name));
  try {
    await Deno.mkdir(from!);
    await Deno.mkdir(models!);
    await writeFakeModels(models!);
    await Deno.writeFile(join(from!, "a.gif"), gif(8, 8));
    await Deno.writeFile(join(from!, "a.gif.png"), photo);
    const env = { LIMPID_MODELS: models!, LIMPID_DEVICE: "cpu" };
    const to = join(from!, "out");
    const all = (...more: readonly string[]): ReturnType<typeof limpid> =>
      limpid(["batch", from!, to, ...more], { env });
    const run = async (...more: readonly string[]): Promise<string> => {
      const { code, out, err } = await all(...more);
      assert.equal(code, 0, err);
      return out;
    };
    const names = (): string[] =>
      [...Deno.readDirSync(to)].map(({ name }) => name).sort();
    // Both would be a.gif.png, whichever of them was there first.
    const clash = await all();
    assert.equal(clash.code, 1);
    assert.equal(clash.err.match(/\[unwritable\]/g)?.length, 2, clash.err);
    await Deno.rename(join(from!, "a.gif.png"), join(from!, "b.png"));
    assert.match(await run(), /\n2 done\n$/);
    assert.deepEqual(names(), ["a.gif.png", "b.png"]);
    assert.match(
      await run(),
      /^share 0 of 1: 2 images, 2 done already \(--redo restores them anew\)\n$/,
    );
    // A photograph of that name that comes later is not taken for done.
    await Deno.writeFile(join(from!, "a.gif.png"), photo);
    assert.equal((await all()).code, 1);
    await Deno.remove(join(from!, "a.gif.png"));
    assert.match(await run("--redo"), /, 0 done already\n.*\n2 done\n$/s);

    // OUT has IN in it, and in that is a folder of IN's name.
    await Deno.mkdir(join(from!, "in"));
    await Deno.copyFile(join(from!, "b.png"), join(from!, "in", "b.png"));
    const over = await limpid(["batch", from!, root], { env });
    assert.equal(over.code, 1);
    assert.match(over.err, /written over another input, .*in\/b\.png/);
    assert.deepEqual(await Deno.readFile(join(from!, "b.png")), photo);

    const same = await limpid(["batch", from!, `${from}/.`], { env });
    assert.equal(same.code, 2);
    assert.match(same.err, /IN and OUT are the same folder/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
