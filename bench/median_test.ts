import assert from "node:assert/strict";
import { median, medians } from "./median.ts";

Deno.test("median: the middle, or the mean of the middle two", () => {
  assert.equal(median([9]), 9);
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([1, 4, 2, 100]), 3);
  assert.deepEqual(medians([{ a: 1, b: 9 }, { a: 3, b: 5 }, { a: 2, b: 7 }]), {
    a: 2,
    b: 7,
  });
});
