import assert from "node:assert/strict";
import { sha256 } from "../../tests/model_files.ts";
import { FileSink } from "./partial_file.ts";

Deno.test("FileSink: all goes through the handle that it is given, since Windows lets no other touch a locked file", async () => {
  const path = await Deno.makeTempFile();
  using file = await Deno.open(path, { read: true, write: true });
  await file.write(new TextEncoder().encode("begun"));
  // Nothing can be reached by this path any more.
  await Deno.remove(path);
  const sink = await FileSink.open(file, path, "here");
  const digest = async (): Promise<string> => (await sink.hash()).digest("hex");
  assert.equal(sink.length, 5);
  assert.equal(await digest(), sha256(new TextEncoder().encode("begun")));
  const cursor = await sink.at(2);
  await cursor.write(new TextEncoder().encode("hind"));
  await cursor.write(new TextEncoder().encode(" it"));
  assert.equal(await digest(), sha256(new TextEncoder().encode("behind it")));
  await sink.reset();
  assert.equal(sink.length, 0);
  assert.equal((await file.stat()).size, 0);
});
