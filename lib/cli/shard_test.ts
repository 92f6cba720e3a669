import assert from "node:assert/strict";
import { join } from "node:path";
import { imagesUnder, resultsOf } from "./shard.ts";

Deno.test("no two images have one result, whatever they are called", () => {
  const names = ["a.gif", "a.gif.png", "a.gif.png.png", "b.jpg", "b.jpg.webp"];
  const names2 = (format: "webp" | undefined): (string | undefined)[] => {
    const results = resultsOf(names, format);
    return names.map((name) => {
      const { name: result, clash } = results.get(name)!;
      return clash === undefined ? result : `${result}, as ${clash}`;
    });
  };
  assert.deepEqual(names2(undefined), [
    "a.gif.png, as a.gif.png",
    "a.gif.png, as a.gif",
    "a.gif.png.png",
    "b.jpg",
    "b.jpg.webp",
  ]);
  assert.deepEqual(names2("webp"), [
    "a.gif.webp",
    "a.gif.png.webp",
    "a.gif.png.png.webp",
    "b.jpg.webp, as b.jpg.webp",
    "b.jpg.webp, as b.jpg",
  ]);
});

Deno.test("results that lie in the folder are no images to be restored", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "sub/out"), { recursive: true });
    const files = ["a.png", "sub/b.png", "sub/out/c.png", "notes.txt"];
    for (const name of files) await Deno.writeTextFile(join(folder, name), "");
    await Deno.symlink("a.png", join(folder, "link.png"));
    await Deno.symlink("/nowhere", join(folder, "lost.png"));
    await Deno.symlink("sub", join(folder, "folder"));
    for (const name of ["$RECYCLE.BIN", "lost+found"]) {
      await Deno.mkdir(join(folder, "sub", name));
      await Deno.writeTextFile(join(folder, "sub", name, "gone.png"), "");
    }
    const out = join(folder, "sub/../sub/out");
    assert.deepEqual(await imagesUnder(folder, out), {
      names: ["a.png", "link.png", "lost.png", "sub/b.png"],
      left: 1,
      others: 1,
      unlisted: [],
    });
    // A subfolder that this process may not see; root sees all others.
    const script = `
      import { imagesUnder } from "${new URL("shard.ts", import.meta.url)}";
      const found = await imagesUnder(${JSON.stringify(folder)}, "/nowhere");
      console.log(JSON.stringify([
        found.names,
        found.unlisted.map(({ input, refusal }) => [input, refusal.code]),
      ]));`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-config", "--allow-read"].concat(
        `--deny-read=${join(folder, "sub")}`,
        `data:application/typescript,${encodeURIComponent(script)}`,
      ),
    }).output();
    const told = new TextDecoder().decode(stdout);
    assert.ok(told !== "", new TextDecoder().decode(stderr));
    assert.deepEqual(JSON.parse(told), [
      ["a.png", "link.png", "lost.png"],
      [[join(folder, "sub"), "unreadable"]],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
