import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFile } from "./cli/write_file.ts";
import { saveFile } from "./pipeline/save_file.ts";

const BYTES = new Uint8Array([1, 2, 3]);

for (const write of [writeFile, saveFile]) {
  Deno.test(`${write.name}: where a disk takes bytes and cannot keep them, what was there stays`, async () => {
    const folder = await Deno.makeTempDir();
    const { syncData } = Deno.FsFile.prototype;
    try {
      const path = join(folder, "a.png");
      await write(path, BYTES);
      const full = new Error("No space left on device (os error 28)");
      Deno.FsFile.prototype.syncData = () =>
        Promise.reject(Object.assign(full, { code: "ENOSPC" }));
      await assert.rejects(write(path, new Uint8Array(9)), {
        code: "unwritable",
        message: /cannot be written; the disk is full\.$/,
      });
      assert.deepEqual(await Deno.readFile(path), BYTES);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assert.deepEqual(names, ["a.png"]);
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`${write.name}: a file system that cannot be waited for takes results`, async () => {
    const folder = await Deno.makeTempDir();
    const { syncData } = Deno.FsFile.prototype;
    try {
      const path = join(folder, "a.png");
      for (const code of ["ENOTSUP", "EINVAL", "ENOTTY", undefined]) {
        // As for a share on macOS.
        Deno.FsFile.prototype.syncData = () =>
          Promise.reject(Object.assign(new Error("Not supported"), { code }));
        await write(path, BYTES);
        assert.deepEqual(await Deno.readFile(path), BYTES);
      }
    } finally {
      Deno.FsFile.prototype.syncData = syncData;
      await Deno.remove(folder, { recursive: true });
    }
  });
}
