import assert from "node:assert/strict";
import { correct } from "./color_correction.ts";
import { BlendWeights } from "./mask.ts";
import { pack } from "./planes.ts";
import { mask, photograph } from "../../tests/photographs.ts";

/** What is left of a colour: a fifth at least, and two fifths and more as it is. */
function notBlack(before: number, after: number): number {
  const share = after / before;
  if (share >= 0.4 || before === 0) return Math.max(0, after);
  return before * (0.2 + 1.25 * Math.max(0, share) ** 2);
}

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
      const limited = Math.min(255, notBlack(before[c]!, wanted));
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

Deno.test("correct: where contrast is stretched three times, noise is averaged out before, edges are not", async () => {
  const [width, height] = [64, 48];
  const data = new Uint8Array(4 * width * height).fill(255);
  // Grey of 199 to 201, and of 120 in the right half.
  for (let i = 0; i < width * height; i++) {
    const noise = i * 7919 % 3;
    data.fill(i % width < 32 ? 199 + noise : 120, 4 * i, 4 * i + 3);
  }
  const image = await pack({ width, height, data });
  const correctionOf = (k: number): Float32Array<ArrayBuffer> => {
    const values = new Float32Array(4 * 256);
    values.fill(-k * (1 - 200 / 255), 0, 768); // 200 stays
    return values.fill(k, 768);
  };
  const spread = (k: number): number => {
    const { data: found } = correct(image, {
      seen: { width: 64, height: 48 },
      correction: { width: 16, height: 16, data: correctionOf(k) },
      mask: { width, height, data: new Uint8Array(width * height).fill(255) },
      curve: { threshold: 0.05, softness: 0.2, strength: 1 },
      user: null,
    });
    // The darker half is one value: nothing of the edge runs over.
    for (let y = 0; y < height; y++) {
      for (let x = 32; x < width; x++) {
        const wanted = Math.round(notBlack(120, 200 - (1 - k) * 80));
        assert.equal(found[4 * (y * width + x)], wanted, `${x}, ${y}`);
      }
    }
    const left = [...found].filter((_, i) => i % 4 === 0 && i / 4 % width < 32);
    return Math.max(...left) - Math.min(...left);
  };
  assert.equal(spread(-0.4), 2);
  // Plain, it would be 6.
  assert.ok(spread(-2) <= 4, `${spread(-2)}`);
});
