import assert from "node:assert/strict";
import { BlendWeights, histogram, maskStats, union } from "./mask.ts";

Deno.test("coverage counts what is above the threshold, severity is its mean", () => {
  const counts = histogram(Uint8Array.of(0, 51, 102, 204));
  assert.deepEqual(maskStats(counts, 0.2), { coverage: 0.5, severity: 0.6 });
  assert.deepEqual(maskStats(counts, 1), { coverage: 0, severity: 0 });
  const none = histogram(new Uint8Array(9));
  assert.deepEqual(maskStats(none, 0), { coverage: 0, severity: 0 });
});

Deno.test("a guide is 0 up to the threshold, and rises to the strength", () => {
  const mask = {
    width: 5,
    height: 1,
    data: Uint8Array.of(0, 51, 77, 102, 255),
  };
  const weights = new BlendWeights(
    mask,
    { threshold: 0.2, softness: 0.2, strength: 0.5 },
    null,
  );
  const values = [0, 1, 2, 3, 4].map((i) => weights.at(i));
  assert.deepEqual(values.slice(0, 2), [0, 0]);
  assert.ok(Math.abs(values[2]! - 0.5 * (77 / 255 - 0.2) / 0.2) < 1e-6);
  assert.deepEqual(values.slice(3), [0.5, 0.5]);
  assert.equal(weights.touches({ x: 0, y: 0, width: 2, height: 1 }), false);
  assert.equal(weights.touches({ x: 0, y: 0, width: 3, height: 1 }), true);
});

Deno.test("a guide is limited by the caller's mask, in proportion", () => {
  const mask = { width: 3, height: 1, data: Uint8Array.of(255, 255, 255) };
  const user = { width: 3, height: 1, data: Uint8Array.of(0, 51, 255) };
  const weights = new BlendWeights(
    mask,
    { threshold: 0, softness: 1, strength: 1 },
    user,
  );
  assert.deepEqual([0, 1, 2].map((i) => Math.round(weights.at(i) * 255)), [
    0,
    51,
    255,
  ]);
});

Deno.test("an area is touched only by what lies inside it", () => {
  const data = new Uint8Array(20);
  data[7] = 255; // column 2 of row 1
  const weights = new BlendWeights(
    { width: 5, height: 4, data },
    { threshold: 0, softness: 1, strength: 1 },
    null,
  );
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 5; x++) {
      const isThere = x === 2 && y === 1;
      assert.equal(weights.touches({ x, y, width: 1, height: 1 }), isThere);
    }
  }
  assert.ok(weights.touches({ x: 1, y: 0, width: 2, height: 2 }));
  assert.ok(!weights.touches({ x: 3, y: 0, width: 2, height: 4 }));
  assert.ok(!weights.touches({ x: 0, y: 2, width: 5, height: 2 }));
});

Deno.test("the union of two masks has the greater value", () => {
  const of = (...data: number[]): Parameters<typeof union>[0] => ({
    width: 3,
    height: 1,
    data: Uint8Array.from(data),
  });
  const [a, b] = [of(0, 200, 7), of(9, 100, 7)];
  assert.deepEqual(union(a, b), of(9, 200, 7));
  assert.deepEqual([a, b], [of(0, 200, 7), of(9, 100, 7)]);
});
