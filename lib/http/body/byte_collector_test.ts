import assert from "node:assert/strict";
import { photograph } from "../../../tests/photographs.ts";
import { ByteCollector } from "./byte_collector.ts";

Deno.test("ByteCollector: all bytes are kept, however many were expected", () => {
  const bytes = new Uint8Array(photograph(300, 300).data);
  for (const expected of [0, 70_000, bytes.length, 2 * bytes.length]) {
    const collector = new ByteCollector(expected);
    assert.equal(collector.bytes.length, 0);
    for (let at = 0; at < bytes.length; at += 9999) {
      collector.add(bytes.subarray(at, at + 9999));
    }
    assert.equal(collector.bytes.length, bytes.length);
    assert.ok(
      collector.bytes.every((byte, i) => byte === bytes[i]),
      `${expected}`,
    );
  }
});
