import assert from "node:assert/strict";
import { encode } from "./encode.ts";
import { LIMITS } from "./test_images.ts";
import { readUserMask } from "./user_mask.ts";

Deno.test("a mask is the brightness of its pixels, transparent ones are dark; protect turns it round", async () => {
  const pixels: readonly (readonly [number[], number])[] = [
    [[255, 255, 255, 255], 255],
    [[0, 0, 0, 255], 0],
    [[255, 0, 0, 255], 54],
    [[0, 255, 0, 255], 182],
    [[0, 0, 255, 255], 18],
    [[255, 255, 255, 0], 0],
    [[200, 200, 200, 51], 40],
  ];
  const data = Uint8Array.from(pixels.flatMap(([rgba]) => rgba));
  const size = { width: pixels.length, height: 1 };
  const file = await encode({ ...size, data }, { format: "png" });
  const light = Uint8Array.from(pixels, ([, value]) => value);
  assert.deepEqual(await readUserMask(file, "restrict", LIMITS), {
    ...size,
    data: light,
  });
  assert.deepEqual(await readUserMask(file, "protect", LIMITS), {
    ...size,
    data: light.map((value) => 255 - value),
  });
});
