import assert from "node:assert/strict";
import { pack, type PackedRaster } from "./planes.ts";
import { samplesOf, samplesSize } from "./samples.ts";

/** An image whose pixels say where they are. */
function places(width: number, height: number): Promise<PackedRaster> {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([x & 255, y & 255, (x >> 8) + 16 * (y >> 8), 255], 4 * i);
  }
  return pack({ width, height, data });
}

Deno.test("samples are the middles of nine parts, in their order", async () => {
  const image = await places(1500, 900);
  const { width, height, pixels } = samplesOf(image);
  assert.deepEqual({ width, height }, { width: 768, height: 768 });
  // A part is 500 by 300 pixels, a sample 256 by 256.
  for (const [row, top] of [22, 322, 622].entries()) {
    for (const [column, left] of [122, 622, 1122].entries()) {
      for (
        const [x, y] of [[0, 0], [255, 0], [100, 200], [255, 255]] as const
      ) {
        assert.equal(
          pixels[(256 * row + y) * width + 256 * column + x],
          image.pixels[(top + y) * 1500 + left + x],
          `sample ${column}, ${row} at ${x}, ${y}`,
        );
      }
    }
  }
});

Deno.test("of a small image the samples are all but the remainder of a division", async () => {
  const image = await places(16, 31);
  assert.deepEqual(samplesSize(image), { width: 15, height: 30 });
  const { pixels } = samplesOf(image);
  assert.equal(pixels[0], image.pixels[0]);
  assert.equal(new Set(pixels).size, 15 * 30);
});
