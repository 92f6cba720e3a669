import assert from "node:assert/strict";
import { join } from "node:path";
import { checkTargets, targetsOf } from "./outputs.ts";
import type { OutputFormat } from "../types.ts";

const one = (path: string): Parameters<typeof targetsOf>[0] => ({
  paths: [path],
  folder: false,
  skipped: 0,
});
const many = (...paths: string[]): Parameters<typeof targetsOf>[0] => ({
  paths,
  folder: false,
  skipped: 0,
});

Deno.test("one input, one file: its extension says the format", async () => {
  const cases: [string, OutputFormat | undefined, OutputFormat | undefined][] =
    [
      ["out.png", undefined, "png"],
      ["out.JPEG", undefined, "jpeg"],
      ["out.webp", "webp", "webp"],
      ["out", undefined, undefined],
      ["out", "jpeg", "jpeg"],
      ["-", undefined, undefined],
      ["-", "png", "png"],
    ];
  for (const [out, asked, format] of cases) {
    const { targets, folder } = await targetsOf(one("a.gif"), out, asked, "-o");
    assert.deepEqual(targets, [{ path: out, format }]);
    assert.equal(folder, null);
  }
});

Deno.test("an extension that is not written, or contradicts the format", async () => {
  await assert.rejects(targetsOf(one("a.png"), "out.tiff", undefined, "-o"), {
    code: "invalid-option",
    message: /out\.tiff is of a format that is not written/,
  });
  await assert.rejects(targetsOf(one("a.png"), "m.jpg", "png", "--mask-out"), {
    code: "invalid-option",
    message: /--mask-out m\.jpg ends like a jpeg file, but the format is png/,
  });
});

Deno.test("several inputs: stems stay, extensions are the format's", async () => {
  const inputs = many("x/a.b.jpeg", "b.gif", "c.WEBP", "-");
  const { targets, folder } = await targetsOf(inputs, "out", undefined, "-o");
  assert.equal(folder, "out");
  assert.deepEqual(targets, [
    { path: join("out", "a.b.jpg"), format: "jpeg" },
    { path: join("out", "b.png"), format: "png" },
    { path: join("out", "c.webp"), format: "webp" },
    { path: join("out", "stdin.png"), format: "png" },
  ]);
  await assert.rejects(targetsOf(inputs, "-", undefined, "-o"), {
    code: "invalid-option",
  });
});

Deno.test("one input goes into a folder that exists or ends in a slash", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const out of [folder, "new/"]) {
      const found = await targetsOf(one("a.png"), out, "jpeg", "-o");
      assert.equal(found.folder, out);
      assert.equal(found.targets[0]!.path, join(out, "a.jpg"));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("two results in one place are found before any work", async () => {
  const { targets } = await targetsOf(
    many("x/a.png", "y/a.jpg"),
    "out",
    "png",
    "-o",
  );
  await assert.rejects(checkTargets([], targets, true), {
    code: "invalid-option",
    message: /Two results would be written to out.a\.png/,
  });
});

Deno.test("an input is replaced only when asked for, whatever it is called", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const input = join(folder, "a.png");
    await Deno.writeTextFile(input, "x");
    for (const path of [input, join(folder, ".", "a.png")]) {
      const targets = [{ path, format: undefined }];
      await assert.rejects(checkTargets([input], targets, false), {
        code: "invalid-option",
        message: /written over its own input/,
      });
      await checkTargets([input], targets, true);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
