import assert from "node:assert/strict";
import { correct } from "./color_correction.ts";
import { BlendWeights } from "./mask.ts";
import { pack } from "./planes.ts";
import { mask, photograph } from "../../tests/photographs.ts";

Deno.test("correct: I + guide (k (1 - I) + r), alpha and what is not guided as they were", async () => {
  const [width, height] = [90, 50];
  const image = await pack(photograph(width, height));
  const guide = {
    mask: mask(width, height, 5),
    curve: { threshold: 0.4, softness: 0.3, strength: 0.9 },
    user: mask(width, height, 6),
  };
  const weights = new BlendWeights(guide.mask, guide.curve, guide.user);
  const [r, k] = [[0.1, -0.05, 0], -0.4] as const;
  // One sample for 4 by 4 of 45 by 25 pixels, which were padded to 64 by 64.
  const data = new Float32Array(4 * 256);
  [...r, k].forEach((value, c) => data.fill(value, 256 * c, 256 * (c + 1)));
  const { data: output } = correct(image, {
    seen: { width: 45, height: 25 },
    correction: { width: 16, height: 16, data },
    ...guide,
  });
  let differ = 0;
  let untouched = 0;
  for (let i = 0; i < width * height; i++) {
    const share = weights.at(i);
    const before = [...image.data.subarray(4 * i, 4 * i + 4)];
    const after = [...output.subarray(4 * i, 4 * i + 4)];
    if (share === 0) {
      untouched++;
      assert.deepEqual(after, before);
    }
    for (let c = 0; c < 3; c++) {
      const x = before[c]! / 255;
      const wanted = 255 * (x + share * (k * (1 - x) + r[c]!));
      const limited = Math.min(255, Math.max(0, wanted));
      assert.ok(
        Math.abs(after[c]! - limited) <= 0.501,
        `${after[c]}, ${wanted}`,
      );
    }
    assert.equal(after[3], before[3]);
    if (after.join() !== before.join()) differ++;
  }
  assert.ok(untouched > 1000 && differ > 500, `${untouched}, ${differ}`);
});
