import assert from "node:assert/strict";
import { join } from "node:path";
import { checkWritable, prepareFolder, writeFile } from "./write_file.ts";

const BYTES = new Uint8Array([1, 2, 3]);

async function withFolder(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a file is replaced, and nothing stays beside it", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    await Deno.writeTextFile(path, "what was there before");
    await writeFile(path, BYTES);
    assert.deepEqual(await Deno.readFile(path), BYTES);
    assert.deepEqual(names(folder), ["a.png"]);
  });
});

Deno.test("a failure leaves nothing, and what was there stays", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a".repeat(300) + ".png");
    await assert.rejects(writeFile(path, BYTES), {
      code: "unwritable",
      message: /the name is too long\.$/,
    });
    assert.deepEqual(names(folder), []);
  });
});

Deno.test("a folder or a device is not replaced", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(writeFile(folder, BYTES), {
      code: "unwritable",
      message: /is not a regular file/,
    });
  });
  if (Deno.build.os !== "windows") {
    await assert.rejects(writeFile("/dev/null", BYTES), {
      code: "unwritable",
      message: /^\/dev\/null is not a regular file/,
    });
    await withFolder(async (folder) => {
      const link = join(folder, "out.png");
      await Deno.symlink("/dev/null", link);
      await assert.rejects(writeFile(link, BYTES), { code: "unwritable" });
      assert.ok((await Deno.lstat(link)).isSymlink);
    });
  }
});

Deno.test("a link is replaced, not followed", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder) => {
    const [target, link] = [join(folder, "target"), join(folder, "link.png")];
    await Deno.writeTextFile(target, "precious");
    await Deno.symlink(target, link);
    await writeFile(link, BYTES);
    assert.equal(await Deno.readTextFile(target), "precious");
    assert.deepEqual(await Deno.readFile(link), BYTES);
  });
});

Deno.test(
  "who could read what is replaced can read the new file, and nobody else",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await withFolder(async (folder) => {
      for (const mode of [0o600, 0o640, 0o666, 0o444]) {
        const [path, link] = [join(folder, "a.png"), join(folder, "link.png")];
        await Deno.writeFile(path, BYTES);
        await Deno.symlink(path, link);
        await Deno.chmod(path, mode);
        await writeFile(link, BYTES);
        await writeFile(path, BYTES);
        for (const file of [path, link]) {
          assert.equal((await Deno.stat(file)).mode! & 0o777, mode);
          await Deno.remove(file);
        }
      }
    });
  },
);

Deno.test("what root replaces keeps its owner", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.png");
    await Deno.writeFile(path, BYTES, { mode: 0o640 });
    try {
      await Deno.chown(path, 1234, 5678);
    } catch (error) {
      // Nobody else may give a file away.
      assert.ok(error instanceof Deno.errors.PermissionDenied);
      return;
    }
    await writeFile(path, BYTES);
    const { uid, gid, mode } = await Deno.stat(path);
    assert.deepEqual([uid, gid, mode! & 0o777], [1234, 5678, 0o640]);
  });
});

Deno.test("where a folder cannot be, the reason is given", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(prepareFolder(join(file, "sub"), true), {
      code: "unwritable",
      message: /a file is in the place of its folder/,
    });
    await assert.rejects(prepareFolder(join(folder, "none"), false), {
      code: "unwritable",
      message: /the folder does not exist/,
    });
    await prepareFolder(join(folder, "new", "deep"), true);
    assert.deepEqual(names(join(folder, "new", "deep")), []);
  });
});

Deno.test("what a killed process left goes after a day, and nothing else", async () => {
  await withFolder(async (folder) => {
    const id = crypto.randomUUID();
    const old = [
      `.limpid-${id}.part`,
      `.limpid-${id}.part.png`,
      ".limpid-notes.part",
      `a.limpid-${id}.part`,
    ];
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    for (const name of old) {
      await Deno.writeFile(join(folder, name), BYTES);
      await Deno.utime(join(folder, name), twoDaysAgo, twoDaysAgo);
    }
    const young = `.limpid-${crypto.randomUUID()}.part`;
    await Deno.writeFile(join(folder, young), BYTES);
    await checkWritable(folder);
    assert.deepEqual(names(folder), [...old, young].sort());
    await prepareFolder(folder, false);
    assert.deepEqual(names(folder), [...old.slice(1), young].sort());
  });
});
