import assert from "node:assert/strict";
import { concat } from "./bytes.ts";
import { bandHeight, bandsOf, type Rows, rowsOf } from "./rows.ts";
import { gradient } from "./test_images.ts";

Deno.test("bands are blocks high, and about as large for every width", () => {
  for (const width of [1, 7, 640, 6000, 32_767, 65_500]) {
    const height = bandHeight(width);
    assert.equal(height % 8, 0);
    assert.ok(height >= 8);
    assert.ok(4 * width * height <= Math.max(2 ** 20, 32 * width));
    assert.ok(4 * width * (height + 8) > 2 ** 20);
  }
});

Deno.test("bands make the image, none is larger than it must be", async () => {
  for (const height of [1, 8, 104, 105, 333]) {
    const image = gradient(2500, height);
    const parts: Uint8Array[] = [];
    const rows = rowsOf(image);
    for await (const band of bandsOf(rows)) {
      assert.equal(band.data.length, 4 * 2500 * band.height);
      assert.ok(band.height <= bandHeight(2500));
      parts.push(new Uint8Array(band.data));
    }
    assert.deepEqual(concat(parts), image.data);
  }
});

Deno.test("a mask's rows are a byte a pixel", async () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i);
  const rows: Rows = rowsOf({ width: 3, height: 4, data }, 1);
  assert.deepEqual(await rows.read(1, 3), Uint8Array.of(3, 4, 5, 6, 7, 8));
});

Deno.test("data of another size than it says is refused", () => {
  for (const [width, height] of [[3, 2], [0, 6], [1.5, 4], [-2, -3]] as const) {
    assert.throws(() => rowsOf({ width, height, data: new Uint8Array(23) }), {
      code: "invalid-option",
    });
  }
});
