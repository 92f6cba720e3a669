import assert from "node:assert/strict";
import { pack } from "./planes.ts";
import { maskThumbnail, THUMB, thumbnail } from "./thumbnail.ts";

/** The definition of adaptive average pooling, straight from its formula. */
function reference(
  width: number,
  height: number,
  at: (x: number, y: number) => number,
): number[] {
  return Array.from({ length: THUMB * THUMB }, (_, cell) => {
    const [i, j] = [cell % THUMB, Math.floor(cell / THUMB)];
    let sum = 0, count = 0;
    for (
      let y = Math.floor(j * height / THUMB);
      y < (j + 1) * height / THUMB;
      y++
    ) {
      for (
        let x = Math.floor(i * width / THUMB);
        x < (i + 1) * width / THUMB;
        x++
      ) {
        sum += at(x, y);
        count++;
      }
    }
    return sum / count;
  });
}

Deno.test("thumbnails average as the training does, at any size", async () => {
  for (
    const [width, height] of [[1, 1], [3, 200], [128, 128], [127, 129], [
      300,
      50,
    ], [
      517,
      256,
    ]] as const
  ) {
    const data = Uint8Array.from(
      { length: 4 * width * height },
      (_, i) => (i * 7919 + (i >> 3)) % 256,
    );
    const thumb = thumbnail(await pack({ width, height, data }));
    for (let c = 0; c < 3; c++) {
      const wanted = reference(
        width,
        height,
        (x, y) => data[4 * (y * width + x) + c]! / 255,
      );
      wanted.forEach((value, i) =>
        assert.ok(
          Math.abs(value - thumb[c * THUMB * THUMB + i]!) < 1e-6,
          `${width}x${height}`,
        )
      );
    }
    const mask = { width, height, data: data.subarray(0, width * height) };
    const wanted = reference(
      width,
      height,
      (x, y) => data[y * width + x]! / 255,
    );
    const found = maskThumbnail(mask);
    wanted.forEach((value, i) => assert.ok(Math.abs(value - found[i]!) < 1e-6));
  }
});
