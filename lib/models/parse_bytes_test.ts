import assert from "node:assert/strict";
import { parseBytes } from "./parse_bytes.ts";

Deno.test("parseBytes: with and without units", () => {
  const amounts: [string, number][] = [
    ["0", 0],
    ["1000", 1000],
    ["500MB", 5e8],
    ["2 GiB", 2 ** 31],
    ["1.5kb", 1500],
  ];
  for (const [text, bytes] of amounts) {
    assert.equal(parseBytes(text, "x"), bytes);
  }
  for (const text of ["", "-1", "2 parsecs", "MB", "1e3", "constructor"]) {
    assert.throws(() => parseBytes(text, "LIMPID_CACHE_LIMIT"), {
      code: "invalid-option",
      message: /^LIMPID_CACHE_LIMIT must be an amount of bytes/,
    });
  }
});
