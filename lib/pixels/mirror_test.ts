import assert from "node:assert/strict";
import {
  meanCorrection,
  meanMask,
  mirrorCorrection,
  mirrorImage,
  mirrorMask,
} from "./mirror.ts";
import { emptyRaster } from "./planes.ts";

Deno.test("mirrorImage: pixels of a row change places, alpha with them", () => {
  const image = emptyRaster({ width: 3, height: 2 });
  image.pixels.set([1, 2, 0xff000003, 4, 5, 6]);
  const { width, height, pixels } = mirrorImage(image);
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...pixels], [0xff000003, 2, 1, 6, 5, 4]);
  assert.deepEqual([...image.pixels], [1, 2, 0xff000003, 4, 5, 6]);
});

Deno.test("mirrorMask: values of a row change places", () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const mirrored = mirrorMask({ width: 2, height: 3, data });
  assert.deepEqual([...mirrored.data], [2, 1, 4, 3, 6, 5]);
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 6]);
});

Deno.test("mirrorCorrection: padding, which lies on the other side of a mirror image, does not shift it", () => {
  // 39 and 40 pixels are padded to 48: 12 samples of 4.
  for (const seen of [{ width: 39, height: 8 }, { width: 40, height: 8 }]) {
    const [width, height] = [12, 4];
    const ramp = (mirrored: boolean): Float32Array =>
      Float32Array.from({ length: 4 * width * height }, (_, i) => {
        const row = 0.1 * (Math.floor(i / width) % height);
        const along = 4 * (i % width + 0.5) / seen.width;
        const plane = Math.floor(i / (width * height));
        return plane + row + (mirrored ? 1 - along : along);
      });
    const data = ramp(true);
    const mirrored = mirrorCorrection({ width, height, data }, seen);
    assert.deepEqual([mirrored.width, mirrored.height], [width, height]);
    const wanted = ramp(false);
    for (const [i, value] of mirrored.data.entries()) {
      if (4 * (i % width + 1) > seen.width) continue; // shows padding alone
      assert.ok(Math.abs(value - wanted[i]!) < 1e-4 || i % width === 0, `${i}`);
    }
  }
});

Deno.test("meanMask, meanCorrection: halves are rounded up in bytes, and kept in numbers", () => {
  const size = { width: 2, height: 1 };
  const mask = (...data: number[]) => ({
    ...size,
    data: Uint8Array.from(data),
  });
  assert.deepEqual(meanMask(mask(10, 255), mask(13, 255)), mask(12, 255));
  const found = (...data: number[]) => ({
    ...size,
    data: Float32Array.from(data),
  });
  assert.deepEqual(
    meanCorrection(found(1, -1), found(2, -1)),
    found(1.5, -1),
  );
});
