import assert from "node:assert/strict";
import { weightByByte } from "./mask.ts";
import { pack, type PackedRaster } from "./planes.ts";
import { reduceImage } from "./reduce.ts";
import type { Mask } from "../types.ts";
import { photograph } from "../../tests/photographs.ts";
import { refine, type Refinement } from "./refine.ts";

const SHARES = weightByByte({ threshold: 0.05, softness: 0.2, strength: 1 });
const [WIDTH, HEIGHT] = [90, 70];

/** A level and the next one, in whose left half 40 was added to every colour. */
async function halfMended(): Promise<
  Refinement<PackedRaster> & { mask: Mask }
> {
  const finer = await pack(photograph(WIDTH, HEIGHT));
  const size = { width: WIDTH / 2, height: HEIGHT / 2 };
  const coarser = reduceImage(finer, size);
  const restored = await pack({
    ...size,
    data: new Uint8ClampedArray(coarser.data),
  });
  const mask = { ...size, data: new Uint8Array(size.width * size.height) };
  for (let i = 0; i < mask.data.length; i++) {
    if (i % size.width >= 20) continue;
    mask.data[i] = 255;
    for (let c = 0; c < 3; c++) {
      const at = 4 * i + c;
      restored.data[at] = Math.min(255, restored.data[at]! + 40);
    }
  }
  return { finer, coarser, restored, mask, weights: SHARES };
}

Deno.test("the correction is enlarged; where the mask is 0 every byte stays", async () => {
  const given = await halfMended();
  const { image, mask } = refine(given);
  let kept = 0;
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const x = i % WIDTH;
    if (SHARES[mask.data[i]!] === 0) {
      kept++;
      assert.equal(image.pixels[i], given.finer.pixels[i]);
    }
    // Two pixels of the coarser level away from the edge the whole correction counts.
    if (x >= 36) continue;
    for (let c = 0; c < 3; c++) {
      const at = 4 * i + c;
      const coarse =
        4 * (Math.floor(i / WIDTH / 2) * WIDTH / 2 + Math.floor(x / 2)) + c;
      if (given.coarser.data[coarse]! > 180) continue; // no colour beyond 255
      const before = given.finer.data[at]!;
      assert.ok(
        image.data[at]! >= Math.min(255, before) &&
          image.data[at]! <= before + 40.5,
      );
    }
    assert.equal(image.data[4 * i + 3], given.finer.data[4 * i + 3]);
  }
  assert.ok(kept > WIDTH * HEIGHT / 3);
});

Deno.test("what nobody restored comes back byte for byte, though its mask is full", async () => {
  const given = await halfMended();
  given.mask.data.fill(255);
  const { image } = refine({ ...given, restored: given.coarser });
  assert.deepEqual(image.data, new Uint8ClampedArray(given.finer.data));
});

Deno.test("a row in which only the last pixel is damaged, and hardly, is restored there", async () => {
  const given = await halfMended();
  const { width, height } = given.coarser;
  const restored = await pack({
    width,
    height,
    data: given.coarser.data.map((value, i) =>
      i % 4 === 3 ? value : 255 - value
    ),
  });
  // Beside it the enlarged mask is below the threshold.
  given.mask.data.forEach((_, i, data) => {
    data[i] = i % width === width - 1 ? 16 : 0;
  });
  const { image } = refine({ ...given, restored });
  const changed = [...image.pixels.keys()].filter((i) =>
    image.pixels[i] !== given.finer.pixels[i]
  );
  assert.ok(changed.every((i) => i % WIDTH === WIDTH - 1));
  assert.equal(changed.length, HEIGHT);
});

Deno.test("the edges of a streak that was taken away go with it", async () => {
  const clean = new Uint8ClampedArray(4 * WIDTH * HEIGHT).fill(100);
  const data = clean.map((value, i) => i / 4 % WIDTH >> 1 === 22 ? 220 : value);
  const finer = await pack({ width: WIDTH, height: HEIGHT, data });
  // The next level sees the streak at another place than its pixels lie.
  const size = { width: WIDTH / 2 - 1, height: HEIGHT / 2 };
  const coarser = reduceImage(finer, size);
  const { width, height } = size;
  const flat = clean.subarray(0, 4 * width * height);
  const restored = await pack({ width, height, data: flat });
  const mask = {
    width,
    height,
    data: new Uint8Array(width * height).fill(255),
  };
  const found = refine({ finer, coarser, restored, mask, weights: SHARES });
  // With the correction alone the streak's edges are 30 and more away.
  const farthest = [...found.image.data].reduce(
    (most, value, i) =>
      i % 4 === 3 ? most : Math.max(most, Math.abs(value - 100)),
    0,
  );
  assert.ok(farthest < 20, `${farthest}`);
});
