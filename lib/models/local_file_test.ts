import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { readLocal } from "./local_file.ts";

Deno.test("readLocal: whole files, and of longer ones no more than shows that they are", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = crypto.getRandomValues(new Uint8Array(5000));
    await Deno.writeFile(path, bytes);
    const url = pathToFileURL(path);
    assert.deepEqual(await readLocal(url, 5000), bytes);
    assert.deepEqual(await readLocal(url, 1e6), bytes);
    assert.equal((await readLocal(url, 100)).length, 101);
    await Deno.writeFile(path, new Uint8Array());
    assert.equal((await readLocal(url, 100)).length, 0);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "readLocal: a missing permission is named",
  permissions: "none",
  fn: async () => {
    await assert.rejects(readLocal(new URL("file:///etc/hosts"), 1), {
      code: "model-missing",
      message:
        "file:///etc/hosts cannot be read: it is not allowed; run Deno with --allow-read.",
    });
  },
});

Deno.test("readLocal: a pipe is refused, not waited for", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    await assert.rejects(readLocal(pathToFileURL(path), 10), {
      code: "model-missing",
      message: /pipe cannot be read: it is not a file; check the file\.$/,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
