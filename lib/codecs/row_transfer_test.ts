import assert from "node:assert/strict";
import { bandHeight, rowsOf } from "./rows.ts";
import { gradient } from "./test_images.ts";
import { askedRows, offerRows } from "./row_transfer.ts";

const WIDTH = 5000;
const STEP = bandHeight(WIDTH);
const image = gradient(WIDTH, 2 * STEP + 5);

Deno.test("rows cross over as they are, any number of them", async () => {
  const { offer, put } = offerRows(rowsOf(image));
  const rows = askedRows(offer, put);
  for (
    const [from, to] of [
      [0, 1],
      [3, STEP],
      [STEP, 2 * STEP],
      [1, 2 * STEP + 3],
      [0, image.height],
      [image.height - 1, image.height],
    ] as const
  ) {
    assert.deepEqual(
      await rows.read(from, to),
      image.data.slice(4 * WIDTH * from, 4 * WIDTH * to),
    );
  }
});

Deno.test("what both threads see is a band, not the image", () => {
  const { offer } = offerRows(rowsOf(image));
  assert.equal(offer.band.byteLength, 4 * WIDTH * STEP);
  const small = offerRows(rowsOf(gradient(WIDTH, 3)));
  assert.equal(small.offer.band.byteLength, 4 * WIDTH * 3);
});
