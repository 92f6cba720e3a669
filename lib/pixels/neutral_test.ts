import assert from "node:assert/strict";
import { isNeutral, neutralised } from "./neutral.ts";
import { pack } from "./planes.ts";

Deno.test("an image is neutral only where every pixel is, whatever its alpha", async () => {
  // Longer than a slice; the last pixel differs.
  const [width, height] = [1025, 1025];
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    data.fill(i * 7, 4 * i, 4 * i + 3);
    data[4 * i + 3] = i;
  }
  assert.equal(await isNeutral(await pack({ width, height, data })), true);
  for (let c = 1; c <= 3; c++) {
    const coloured = data.slice();
    coloured[4 * (width * height - 1) + c - 1]! ^= 1;
    const raster = await pack({ width, height, data: coloured });
    assert.equal(await isNeutral(raster), false, `channel ${c}`);
  }
});

Deno.test("a restoration becomes luminance; pixels that were not changed stay, and are counted so", async () => {
  const data = Uint8Array.from({ length: 4 * 256 }, (_, i) => i >> 2);
  const raster = await pack({ width: 256, height: 1, data });
  const restored = new Uint8ClampedArray(data);
  restored.set([10, 200, 30], 4 * 100);
  // Colours whose luminance is the same grey.
  restored.set([151, 150, 149], 4 * 150);
  const { data: grey, changed } = await neutralised(raster, restored);
  const luminance = Math.round(0.299 * 10 + 0.587 * 200 + 0.114 * 30);
  for (let i = 0; i < 256; i++) {
    const value = i === 100 ? luminance : i;
    assert.deepEqual(
      [...grey.subarray(4 * i, 4 * i + 4)],
      [value, value, value, i],
    );
  }
  assert.equal(changed, 1);
});
