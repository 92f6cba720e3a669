import assert from "node:assert/strict";
import { matches, weakEtag } from "./etag.ts";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(values);

Deno.test("weakEtag: the same parts have the same tag, all others another", async () => {
  const lists = [
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    ["abc", ""],
    ["abc", null],
    ["abc", bytes()],
    [bytes(1, 2), bytes(3)],
    [bytes(1), bytes(2, 3)],
    [bytes(1, 2), null],
  ];
  const tags = await Promise.all(lists.map(weakEtag));
  assert.deepEqual(tags, await Promise.all(lists.map(weakEtag)));
  assert.equal(new Set(tags).size, lists.length);
  for (const tag of tags) assert.match(tag, /^W\/"[\w-]{32}"$/);
});

Deno.test("matches: one of several tags, weak or strong, and no other", () => {
  for (const header of ['W/"a"', '"a"', '"b", W/"a"', ' W/"a" ,"b"']) {
    assert.ok(matches(header, 'W/"a"'), header);
  }
  for (const header of [null, "", "*", '"b"', 'W/"ab"', "a"]) {
    assert.ok(!matches(header, 'W/"a"'), `${header}`);
  }
});
