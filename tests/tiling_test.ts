/** What tiles cost in accuracy: the shipped models, tiled and in one piece. */
import assert from "node:assert/strict";
import { createRestorer, type Raster, type RestoreResult } from "../mod.ts";
import { decode } from "../lib/codecs/decode.ts";
import { type Task, TASKS } from "../lib/types.ts";

/** Least decibels between the bytes of both. */
const LEAST = 60;

const FILES: Record<Task, string> = {
  rain: "rain.png",
  raindrop: "raindrop.jpg",
  haze: "haze.jpg",
  blur: "blur.jpg",
};

/** The example beside its mirror image, of an odd width. */
async function wide(task: Task): Promise<Raster> {
  const url = new URL(`../examples/${FILES[task]}`, import.meta.url);
  const limits = { maxPixels: 1e6, maxBytes: 1e6 };
  const { raster } = await decode(await Deno.readFile(url), limits);
  const from = new Uint32Array(new Uint8Array(raster.data).buffer);
  const width = 2 * raster.width - 3;
  const pixels = new Uint32Array(width * raster.height);
  for (let y = 0, to = 0; y < raster.height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const at = x < raster.width ? x : 2 * raster.width - 1 - x;
      pixels[to] = from[y * raster.width + at]!;
    }
  }
  const data = new Uint8Array(pixels.buffer);
  return { width, height: raster.height, data };
}

function decibels(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  assert.equal(a.length, b.length);
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 * a.length / squares);
}

/** Tiles to try: fewer of the large networks, which take longer. */
const SIDES = { small: [128, 208, 256, 512], large: [208, 400] } as const;

for (const size of ["small", "large"] as const) {
  Deno.test(`tiled and untiled agree within 60 dB, for every task seen in tiles and tiles of all sizes, ${size} networks`, async (t) => {
    await using restorer = await createRestorer({ device: "cpu", size });
    for (const task of TASKS) {
      // Seen whole, in one tile, whatever is asked for.
      if (task === "haze") continue;
      const image = await wide(task);
      const restore = (tile: number): Promise<RestoreResult> =>
        restorer.restore(image, { task, tile });
      const whole = await restore(4096);
      assert.ok(
        whole.tiles.total <= whole.levels.length,
        "a level is in pieces",
      );
      assert.ok(whole.identicalPixels < 0.99, "nothing was restored");
      for (const tile of SIDES[size]) {
        await t.step(`${task}, ${tile}`, async () => {
          const tiled = await restore(tile);
          // A shake is restored at a coarse level, which fits into one tile.
          assert.ok(
            tiled.tiles.total > whole.tiles.total || task === "blur",
          );
          const image = decibels(tiled.pixels.data, whole.pixels.data);
          const mask = decibels(tiled.mask.data, whole.mask.data);
          assert.ok(
            Math.min(image, mask) >= LEAST,
            `${image}, ${mask} dB`,
          );
        });
      }
    }
  });
}

Deno.test("haze is seen whole: tiles that are asked for change nothing", async () => {
  await using restorer = await createRestorer({ device: "cpu" });
  const image = await wide("haze");
  const restore = (tile: number): Promise<RestoreResult> =>
    restorer.restore(image, { task: "haze", tile });
  const [large, small] = [await restore(4096), await restore(64)];
  assert.ok(large.identicalPixels < 0.99, "nothing was restored");
  assert.deepEqual(small.pixels.data, large.pixels.data);
  assert.deepEqual(small.tiles, large.tiles);
  assert.equal(small.tiles.total, 1);
});
