import assert from "node:assert/strict";
import type { Tensor } from "./backend.ts";
import {
  checkFeeds,
  largestDifference,
  psnr,
  TOLERANCE,
} from "./self_check.ts";

function tensor(...values: number[]): Tensor {
  return { data: Float32Array.from(values), dims: [values.length] };
}

Deno.test("checkFeeds: open sizes are filled, values lie in 0..1 and never change", () => {
  const inputs = [
    { name: "image", shape: ["n", 3, "h", "w"] },
    { name: "thumb", shape: [1, 3, 128, 128] },
  ];
  const feeds = checkFeeds(inputs);
  assert.deepEqual(feeds["image"]?.dims, [1, 3, 64, 64]);
  assert.deepEqual(feeds["thumb"]?.dims, [1, 3, 128, 128]);
  for (const { data, dims } of Object.values(feeds)) {
    assert.equal(data.length, dims.reduce((a, b) => a * b));
    const mean = data.reduce((a, b) => a + b) / data.length;
    assert.ok(Math.abs(mean - 0.5) < 0.02, `mean ${mean}`);
    assert.ok(data.every((v) => v >= 0 && v <= 1));
  }
  assert.notDeepEqual(
    feeds["image"]?.data.slice(0, 9),
    feeds["thumb"]?.data.slice(0, 9),
  );
  assert.deepEqual(checkFeeds(inputs), feeds);
});

Deno.test("largestDifference: of all outputs, relative where they are large", () => {
  const trusted = { a: tensor(0, 0.5, 1), b: tensor(-200, 100) };
  assert.equal(largestDifference(trusted, trusted), 0);
  assert.equal(
    largestDifference({ ...trusted, a: tensor(0.25, 0.5, 1) }, trusted),
    0.25,
  );
  assert.equal(
    largestDifference({ ...trusted, b: tensor(-200, 101) }, trusted),
    1 / 200,
  );
  assert.ok(
    largestDifference({ ...trusted, b: tensor(-200, 101) }, trusted) >
      TOLERANCE,
  );
});

Deno.test("largestDifference: not a number, missing or misshapen is never right", () => {
  const trusted = { a: tensor(0, 1) };
  for (const a of [tensor(NaN, 1), tensor(0, Infinity), tensor(0, 1, 2)]) {
    assert.equal(largestDifference({ a }, trusted), Infinity);
  }
  assert.equal(largestDifference({}, trusted), Infinity);
  assert.equal(
    largestDifference({ a: { ...trusted.a, dims: [1, 2] } }, trusted),
    Infinity,
  );
});

Deno.test("closeness: decibels of the output that is farthest off, below its peak", () => {
  const trusted = { a: tensor(0, 1), b: tensor(-10, 0) };
  assert.equal(psnr(trusted, trusted), Infinity);
  const near = (found: number, wanted: number): void =>
    assert.ok(Math.abs(found - wanted) < 1e-3, `${found}, ${wanted}`);
  // A tenth of the peak in one of two values.
  near(psnr({ ...trusted, b: tensor(-9, 0) }, trusted), 23.0103);
  near(
    psnr({ a: tensor(0.01, 1), b: tensor(-9, 0) }, trusted),
    23.0103,
  );
  assert.equal(
    psnr({ ...trusted, a: tensor(NaN, 1) }, trusted),
    -Infinity,
  );
  assert.equal(psnr({ a: trusted.a }, trusted), -Infinity);
});
