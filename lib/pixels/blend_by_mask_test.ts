import assert from "node:assert/strict";
import { mask, photograph } from "../../tests/photographs.ts";
import { blendByMask } from "./blend_by_mask.ts";

const SIZE = { width: 13, height: 7 };

Deno.test("blendByMask: the mask and the strength say how far a pixel changes; alpha stays", () => {
  const before = new Uint8ClampedArray(photograph(13, 7).data);
  const restored = photograph(13, 7, 3).data;
  const after = before.map((value, i) => i % 4 === 3 ? value : restored[i]!);
  const user = mask(13, 7);
  for (const strength of [1, 0.25]) {
    for (const limit of [user, null]) {
      const { data, pixels } = blendByMask(
        before,
        after,
        SIZE,
        limit,
        strength,
      );
      const wanted = before.map((value, i) => {
        const share = strength * (limit?.data[i >> 2] ?? 255) / 255;
        return value + share * (after[i]! - value);
      });
      assert.deepEqual(new Uint8ClampedArray(data), wanted);
      assert.equal(pixels.buffer, data.buffer);
    }
  }
});
