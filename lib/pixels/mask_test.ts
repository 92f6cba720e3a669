import assert from "node:assert/strict";
import { BlendWeights, histogram, maskStats } from "./mask.ts";

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
