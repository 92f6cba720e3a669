import assert from "node:assert/strict";
import type { Raster } from "../types.ts";
import { isDrawn } from "./drawn.ts";
import { pack } from "./planes.ts";

/** Rows of which the first are of one colour, and the others all differ. */
function rows(plain: number, colour: number): Raster {
  const [width, height] = [1000, 600];
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    data[4 * i] = i < plain * width ? colour : i;
  }
  return { width, height, data };
}

Deno.test("an image is drawn where most pixels are exactly like their neighbours", async () => {
  const drawn = async (plain: number, colour = 90): Promise<boolean> =>
    await isDrawn(await pack(rows(plain, colour)));
  assert.equal(await drawn(600), true);
  assert.equal(await drawn(430), true);
  assert.equal(await drawn(410), false);
  assert.equal(await drawn(0), false);
});

Deno.test("a pixel has no neighbour on the other side of the image, and every channel counts", async () => {
  const stripes = rows(600, 90);
  // Every other column differs in one channel: no pixel has an equal left neighbour.
  for (let i = 0; i < 600000; i++) stripes.data[4 * i + 2] = i % 2;
  assert.equal(await isDrawn(await pack(stripes)), false);
  // One column: nothing can be compared.
  const column = { width: 1, height: 50, data: new Uint8Array(200) };
  assert.equal(await isDrawn(await pack(column)), false);
});
