import assert from "node:assert/strict";
import type { ColorCorrection, Correction } from "./color_correction.ts";
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

function corrected(
  image: PackedRaster,
  correction: Correction,
  { curve = CURVE, user = null }: Partial<
    Pick<ColorCorrection, "curve" | "user">
  > = {},
): PackedRaster {
  const guide = { mask: HAZY, curve, user };
  return correct(image, { seen: image, correction, ...guide });
}

Deno.test("exposed: a dark result is multiplied up to a mean of 0.25, in one proportion", () => {
  const image = scene(100);
  const found = correction(0.12, -0.5);
  const before = corrected(image, found);
  assert.ok(mean(before) < 60, `${mean(before)}`);
  const after = corrected(image, exposed(image, found, HAZY, CURVE, null));
  assert.ok(Math.abs(mean(after) - 255 / 4) < 1, `${mean(after)}`);
  const last = before.data.length - 4;
  const contrast = before.data[last]! / before.data[0]!;
  assert.ok(Math.abs(after.data[last]! / after.data[0]! - contrast) < 0.03);
});

Deno.test("exposed: a night becomes no brighter than it was", () => {
  const image = scene(40);
  const found = correction(0.1, -0.2);
  assert.ok(mean(corrected(image, found)) < 35);
  const after = corrected(image, exposed(image, found, HAZY, CURVE, null));
  assert.ok(Math.abs(mean(after) - 40) < 1, `${mean(after)}`);
});

Deno.test("exposed: a result that is bright enough, or brighter than before, stays", () => {
  const plain = correction(0.16, -0.5);
  assert.equal(exposed(scene(160), plain, HAZY, CURVE, null), plain);
  const lighter = correction(0.05, 0);
  assert.equal(exposed(scene(30), lighter, HAZY, CURVE, null), lighter);
});

Deno.test("exposed: the stronger, the darker; the strength changes no gain", () => {
  const image = scene(140);
  const found = correction(-0.1, -0.5);
  const means = [0, 0.25, 0.5, 0.75, 1].map((strength) => {
    const curve = { ...CURVE, strength };
    const lighter = exposed(image, found, HAZY, curve, null);
    return mean(corrected(image, lighter, { curve }));
  });
  const [from, to] = [means[0]!, means[4]!];
  for (const [i, value] of means.entries()) {
    const wanted = from + (to - from) * i / 4;
    assert.ok(Math.abs(value - wanted) < 3, `${means}`);
  }
});

Deno.test("exposed: what alone may change becomes no brighter if it has no haze, else as without a mask", () => {
  const image = scene(80);
  const found = correction(0, 0);
  // The right half loses most of its light to the haze.
  for (let i = 0; i < 3 * 128; i++) {
    if (i % 16 >= 8) found.data[i] = -0.25;
  }
  const half = (isIn: (x: number) => boolean, value = 255) => ({
    width: 2 * WIDTH,
    height: 2 * HEIGHT,
    data: Uint8Array.from(
      { length: 4 * WIDTH * HEIGHT },
      (_, i) => isIn(i % (2 * WIDTH)) ? value : 0,
    ),
  });
  const given = [image, found, HAZY, CURVE] as const;
  const all = exposed(...given, null);
  assert.notEqual(all, found);
  assert.equal(exposed(...given, half((x) => x < WIDTH)), found);
  assert.deepEqual(exposed(...given, half(() => true, 3)), all);
});

Deno.test("exposed: an image that is nearly black gets numbers, and no bright pixels", () => {
  const image = scene(0);
  for (const value of [0, 1, 2]) {
    image.data.forEach((_, i, data) => {
      if (i % 4 < 3) data[i] = value;
    });
    image.data.fill(value + 1, 0, 3);
    const black = exposed(image, correction(0, -1), HAZY, CURVE, null);
    assert.ok(black.data.every(Number.isFinite), `${black.data}`);
    const found = correction(0.992, -1);
    const lighter = exposed(image, found, HAZY, CURVE, null);
    const after = corrected(image, lighter);
    assert.ok(after.data.every((v, i) => i % 4 === 3 || v <= 5), `${value}`);
  }
});
