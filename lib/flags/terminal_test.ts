import assert from "node:assert/strict";
import { jsonLine } from "./terminal.ts";

Deno.test("JSON keeps what terminals obey, escaped", () => {
  const value = { name: "\x1b]0;x\x07\x7f\x9b31m\u202e\u2028\u{e0001}é😀" };
  const line = jsonLine(value);
  assert.deepEqual(JSON.parse(line), value);
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.match(line, /é😀/);
});
