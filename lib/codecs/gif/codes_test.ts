import assert from "node:assert/strict";
import { LimpidError } from "../../errors.ts";
import { gifFile } from "../test_images.ts";
import { neededCodes } from "./codes.ts";
import { joined, readGifFrame } from "./header.ts";

Deno.test("neededCodes: those of the pixels, however wide they grow, and none after them", () => {
  const { blocks, codeSize } = readGifFrame(gifFile({
    screen: [200, 150],
    frame: [0, 0, 200, 150],
    index: (x, y) => (x * y) % 128,
    transparent: 5,
    frames: 1,
  }));
  const codes = joined(blocks);
  const longer = new Uint8Array(codes.length + 5000);
  longer.set(codes);
  const needed = neededCodes(longer, codeSize, 200 * 150);
  assert.ok(needed.length >= codes.length, `${needed.length}`);
  assert.ok(needed.length <= codes.length + 2, `${needed.length}`);
  assert.deepEqual(needed.subarray(0, codes.length), codes);
});

Deno.test("neededCodes: a table that begins anew again and again is damage", () => {
  assert.throws(
    () =>
      neededCodes(
        new Uint8Array(90_000).map((_, i) => [0, 8, 128][i % 3]!),
        11,
        256,
      ),
    (error) => error instanceof LimpidError && error.code === "corrupt-image",
  );
});
