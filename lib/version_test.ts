import assert from "node:assert/strict";
import { VERSION } from "./version.ts";

Deno.test("the version is the configuration's", async () => {
  const config = new URL("../deno.json", import.meta.url);
  assert.equal(JSON.parse(await Deno.readTextFile(config)).version, VERSION);
});
