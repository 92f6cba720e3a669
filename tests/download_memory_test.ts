/** What a large model takes of memory while it is fetched; how fast it comes is `deno task bench-download`'s to say. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test({
  name: "models pull: 256 MB take less than 32 MB of memory",
  ignore: Deno.build.os !== "linux", // where memory is read from /proc
  async fn(): Promise<void> {
    const script = fileURLToPath(
      new URL("bench_download.ts", import.meta.url),
    );
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", script, "1"],
    }).output();
    assert.ok(success);
    const said = new TextDecoder().decode(stdout);
    const growth = /^models pull: .* (\d+) MiB more memory$/m.exec(said)?.[1];
    assert.ok(Number(growth) < 30, said);
  },
});
