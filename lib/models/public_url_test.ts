import assert from "node:assert/strict";
import { publicUrl } from "./public_url.ts";

Deno.test("publicUrl: passwords and queries are not shown", () => {
  assert.equal(
    publicUrl(new URL("https://me:secret@host/a/b.onnx?signature=1#2")),
    "https://host/a/b.onnx",
  );
});
