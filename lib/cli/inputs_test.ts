import assert from "node:assert/strict";
import { join } from "node:path";
import { findInputs, openInput } from "./inputs.ts";

async function withFolder(
  files: readonly string[],
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) await Deno.writeTextFile(join(folder, file), "x");
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a folder stands for its images, sorted; TIFF counts as one", async () => {
  const files = [
    "b.JPG",
    "a.png",
    "c.tiff",
    "notes.txt",
    ".hidden.png",
    "x.part",
  ];
  await withFolder(files, async (folder) => {
    await Deno.mkdir(join(folder, "sub.png"));
    const found = await findInputs([folder]);
    assert.deepEqual(found, {
      paths: ["a.png", "b.JPG", "c.tiff"].map((name) => join(folder, name)),
      folder: true,
      skipped: 2,
    });
  });
});

Deno.test("a file named twice, or by a link, is done once", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(["a.png"], async (folder) => {
    const file = join(folder, "a.png");
    await Deno.symlink(file, join(folder, "z.png"));
    const { paths } = await findInputs([file, folder, file]);
    assert.equal(paths.length, 1);
  });
});

Deno.test("pipes in a folder are left alone", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder(["a.png"], async (folder) => {
    await new Deno.Command("mkfifo", { args: [join(folder, "p.png")] })
      .output();
    assert.deepEqual((await findInputs([folder])).paths, [
      join(folder, "a.png"),
    ]);
  });
});

Deno.test("no inputs, and none in a folder", async () => {
  await assert.rejects(findInputs([]), { code: "invalid-option" });
  await withFolder(["notes.txt"], async (folder) => {
    await assert.rejects(findInputs([folder]), { code: "not-found" });
  });
});

Deno.test("a missing file is told when its turn comes", async () => {
  const { paths } = await findInputs(["no-such.png", "-"]);
  assert.deepEqual(paths, ["no-such.png", "-"]);
  await assert.rejects(openInput("no-such.png"), {
    code: "not-found",
    message: "There is no file no-such.png.",
  });
});
