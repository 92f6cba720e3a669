import assert from "node:assert/strict";
import { join } from "node:path";
import { findInputs, formatOfContent, openInput } from "./inputs.ts";

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
      skipped: [
        "2 skipped (no images by their names)",
        "1 skipped (folders in a folder)",
      ],
    });
  });
});

Deno.test("a file named twice, or by a link, is done once", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(["a.png"], async (folder) => {
    const file = join(folder, "a.png");
    await Deno.symlink(file, join(folder, "z.png"));
    const { paths, skipped } = await findInputs([file, folder, file]);
    assert.equal(paths.length, 1);
    assert.deepEqual(skipped, ["3 skipped (the same as another)"]);
  });
});

Deno.test("pipes in a folder are left alone", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder(["a.png"], async (folder) => {
    await new Deno.Command("mkfifo", { args: [join(folder, "p.png")] })
      .output();
    const { paths, skipped } = await findInputs([folder]);
    assert.deepEqual(paths, [join(folder, "a.png")]);
    assert.deepEqual(skipped, ["1 skipped (no regular files)"]);
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

Deno.test("a link that leads nowhere and names that are no UTF-8 are told", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder(["a.png"], async (folder) => {
    await Deno.symlink("/nowhere/x.jpg", join(folder, "lost.jpg"));
    const script =
      `cd "$1"; for c in 351 352; do cp a.png "$(printf "caf\\\\$c.png")"; done`;
    await new Deno.Command("sh", { args: ["-c", script, "sh", folder] })
      .output();
    const { paths, skipped } = await findInputs([folder]);
    assert.equal(paths.length, 4);
    assert.deepEqual(skipped, []);
    await assert.rejects(openInput(join(folder, "lost.jpg")), {
      code: "not-found",
      message: /is a link to a file that is not there/,
    });
    const odd = paths.filter((path) => path.includes("\ufffd"));
    assert.equal(odd.length, 2);
    await assert.rejects(openInput(odd[0]!), {
      code: "unreadable",
      message: /its name is not UTF-8/,
    });
  });
});

Deno.test("a pipe whose format was looked at is read from its beginning", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder([], async (folder) => {
    const path = join(folder, "pipe");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const gif = "GIF89a" + "x".repeat(100_000);
    const writing = Deno.writeTextFile(path, gif);
    assert.equal(await formatOfContent(path), "gif");
    using input = await openInput(path);
    assert.equal(await new Response(input.bytes).text(), gif);
    await writing;
  });
});

Deno.test("what cannot be read says why", async () => {
  await assert.rejects(openInput("a".repeat(300)), {
    code: "unreadable",
    message: /the name is too long\.$/,
  });
  await withFolder([], async (folder) => {
    await assert.rejects(openInput(folder), {
      code: "unreadable",
      message: /is a folder; name a file in it\.$/,
    });
  });
});
