import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import type { Orientation } from "./header.ts";
import { orient, orientDeep } from "./orient.ts";
import { gradient } from "./test_images.ts";

/**
 * What a viewer shows of the stored rows "abc", "def". EXIF defines where the
 * first stored row and column are shown.
 */
const SHOWN: Readonly<Record<Orientation, readonly string[]>> = {
  1: ["abc", "def"], // row top, column left
  2: ["cba", "fed"], // row top, column right
  3: ["fed", "cba"], // row bottom, column right
  4: ["def", "abc"], // row bottom, column left
  5: ["ad", "be", "cf"], // row left, column top
  6: ["da", "eb", "fc"], // row right, column top
  7: ["fc", "eb", "da"], // row right, column bottom
  8: ["cf", "be", "ad"], // row left, column bottom
};

for (const [orientation, rows] of Object.entries(SHOWN)) {
  Deno.test(`orientation ${orientation} is shown upright`, () => {
    const shown = orient(letters(SHOWN[1]), Number(orientation) as Orientation);
    assert.deepEqual(shown, letters(rows));
    assert.deepEqual(
      orientDeep(
        deepened(letters(SHOWN[1])),
        Number(orientation) as Orientation,
      ),
      deepened(letters(rows)),
    );
  });
}

Deno.test("bytes may lie anywhere in memory, those of a Buffer of Node too", () => {
  const image = gradient(5, 3);
  const { byteLength } = image.data;
  const memory = new ArrayBuffer(byteLength + 1);
  for (
    const data of [
      new Uint8Array(memory, 1, byteLength),
      Buffer.from(memory, 1, byteLength),
    ]
  ) {
    data.set(image.data);
    assert.deepEqual(orient({ ...image, data }, 3), orient(image, 3));
  }
});

Deno.test("a turn and its opposite give back an image larger than a band", () => {
  const image = gradient(37, 53);
  assert.deepEqual(orient(orient(image, 6), 8).data, image.data);
  assert.deepEqual(orient(orient(image, 7), 7).data, image.data);
});

Deno.test("pixels that start at an odd byte are turned too", () => {
  const { width, height, data } = gradient(3, 2);
  const shifted = new Uint8Array(data.length + 1);
  shifted.set(data, 1);
  assert.deepEqual(
    orient({ width, height, data: shifted.subarray(1) }, 3).data,
    orient({ width, height, data }, 3).data,
  );
});

/** Each byte twice: as the high one and as the low one of a sample. */
function deepened(
  { width, height, data }: ReturnType<typeof gradient>,
): DeepRaster {
  return { width, height, data: Uint16Array.from(data, (b) => 257 * b) };
}

/** One pixel a letter, its four bytes different. */
function letters(rows: readonly string[]): ReturnType<typeof gradient> {
  const codes = [...rows.join("")].map((letter) => letter.charCodeAt(0));
  return {
    width: rows[0]!.length,
    height: rows.length,
    data: Uint8Array.from(codes.flatMap((c) => [c, c + 10, c + 20, c + 30])),
  };
}
