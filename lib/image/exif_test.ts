import assert from "node:assert/strict";
import { readOrientation, resetExif } from "./exif.ts";
import { exifBlock } from "./test_images.ts";

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little" : "big";

  Deno.test(`readOrientation reads all eight values, ${order}-endian`, () => {
    for (let value = 1; value <= 8; value++) {
      assert.equal(readOrientation(exifBlock(value, { littleEndian })), value);
    }
  });

  Deno.test(`resetExif changes the orientation and the thumbnail's link only, ${order}-endian`, () => {
    assert.deepEqual(
      resetExif(exifBlock(6, { littleEndian })),
      exifBlock(1, { littleEndian, next: 0 }),
    );
  });
}

Deno.test("an orientation outside 1 to 8 is none", () => {
  assert.equal(readOrientation(exifBlock(0)), 1);
  assert.equal(readOrientation(exifBlock(9)), 1);
  assert.equal(readOrientation(undefined), 1);
});

Deno.test("resetExif leaves the caller's bytes alone", () => {
  const exif = exifBlock(6);
  resetExif(exif);
  assert.deepEqual(exif, exifBlock(6));
});

Deno.test("directories that point at themselves end", () => {
  const recursive = exifBlock(3, { next: 8 });
  assert.equal(readOrientation(recursive), 3);
  assert.equal(readOrientation(resetExif(recursive)), 1);
});

Deno.test("an EXIF block cut anywhere, or that counts more entries than it has, does no harm", () => {
  const whole = exifBlock(6, { count: 0xffff });
  assert.equal(readOrientation(whole), 6);
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    // The value itself ends at byte 34.
    assert.equal(readOrientation(cut), length < 34 ? 1 : 6);
    assert.equal(resetExif(cut).length, length);
  }
});
