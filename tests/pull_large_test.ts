/** What a large model takes of memory while it is fetched. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FileServer } from "./file_server.ts";
import { fileEntry, manifestOf, randomBytes } from "./model_files.ts";

Deno.test({
  name: "models pull: 256 MB take less than 32 MB of memory",
  ignore: Deno.build.os !== "linux", // where memory is read from /proc
  async fn(): Promise<void> {
    const bytes = new Uint8Array(256 * 2 ** 20);
    const block = randomBytes(2 ** 20);
    for (let at = 0; at < bytes.length; at += block.length) {
      bytes.set(block, at);
    }
    const manifest = manifestOf([fileEntry("big", bytes)]);
    await using server = new FileServer({
      "manifest.json": new TextEncoder().encode(manifest),
      "big.onnx": bytes,
    });
    const cache = await Deno.makeTempDir();
    try {
      const script = fileURLToPath(new URL("pull_large.ts", import.meta.url));
      const { stdout, success } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", script, server.origin, cache],
      }).output();
      const said = new TextDecoder().decode(stdout);
      assert.ok(success, said);
      assert.ok(Number(said) > 0 && Number(said) < 32 * 2 ** 20, said);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
