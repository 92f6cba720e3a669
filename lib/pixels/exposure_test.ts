import assert from "node:assert/strict";
import type { Correction } from "./color_correction.ts";
import { correct } from "./color_correction.ts";
import { exposed } from "./exposure.ts";
import { emptyRaster, type PackedRaster } from "./planes.ts";

const [WIDTH, HEIGHT] = [64, 32];
const CURVE = { threshold: 0.05, softness: 0.05, strength: 1 };
const HAZY = {
  width: WIDTH,
  height: HEIGHT,
  data: new Uint8Array(WIDTH * HEIGHT).fill(128),
};

/** Left half 0.9, right half 1.1 times as bright as `grey`. */
function scene(grey: number): PackedRaster {
  const image = emptyRaster({ width: WIDTH, height: HEIGHT });
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    image.data.fill(grey * (i % WIDTH < 32 ? 0.9 : 1.1), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** Takes grey haze away: J' = I + k (1 - I) + r. */
function correction(r: number, k: number): Correction {
  const data = new Float32Array(4 * 16 * 8).fill(r);
  data.fill(k, 3 * 16 * 8);
  return { width: 16, height: 8, data };
}

function mean(image: PackedRaster): number {
  const colours = [...image.data].filter((_, i) => i % 4 < 3);
  return colours.reduce((sum, value) => sum + value, 0) / colours.length;
}

function corrected(image: PackedRaster, correction: Correction): PackedRaster {
  const guide = { mask: HAZY, curve: CURVE, user: null };
  return correct(image, { seen: image, correction, ...guide });
}

Deno.test("exposed: a dark result is multiplied up to a mean of 0.25, in one proportion", () => {
  const image = scene(100);
  const found = correction(0.12, -0.5);
  const before = corrected(image, found);
  assert.ok(mean(before) < 60, `${mean(before)}`);
  const after = corrected(image, exposed(image, found, HAZY, CURVE));
  assert.ok(Math.abs(mean(after) - 255 / 4) < 1, `${mean(after)}`);
  const last = before.data.length - 4;
  const contrast = before.data[last]! / before.data[0]!;
  assert.ok(Math.abs(after.data[last]! / after.data[0]! - contrast) < 0.03);
});

Deno.test("exposed: a night becomes no brighter than it was", () => {
  const image = scene(40);
  const found = correction(0.1, -0.2);
  assert.ok(mean(corrected(image, found)) < 35);
  const after = corrected(image, exposed(image, found, HAZY, CURVE));
  assert.ok(Math.abs(mean(after) - 40) < 1, `${mean(after)}`);
});

Deno.test("exposed: a result that is bright enough, or brighter than before, stays", () => {
  const plain = correction(0.16, -0.5);
  assert.equal(exposed(scene(160), plain, HAZY, CURVE), plain);
  const lighter = correction(0.05, 0);
  assert.equal(exposed(scene(30), lighter, HAZY, CURVE), lighter);
});
