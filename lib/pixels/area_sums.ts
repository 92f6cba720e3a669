/** Sums images over areas. */
import type { Size, Span } from "../tiling/tile_plan.ts";

/**
 * Sums planes of bytes over the areas of another size. Cell i of n has the
 * pixels floor(i L / n) to ceil((i + 1) L / n), as in PyTorch's
 * `adaptive_avg_pool2d`: the networks were trained with it.
 *
 * @param add Adds the byte values of row `y` to the column sums, one plane
 * after the other.
 * @param take Gets the sum of so many pixels for value `at` of `channels`
 * planes of the size `to`.
 */
export function sumAreas(
  { width, height }: Size,
  channels: number,
  to: Size,
  add: (y: number, sums: Uint32Array) => void,
  take: (at: number, sum: number, count: number) => void,
): void {
  // A column of a window may have 2^24 rows: sums of 255 fit.
  const columns = new Uint32Array(channels * width);
  const across = windows(to.width, width);
  for (
    const [j, { from: top, to: bottom }] of windows(to.height, height).entries()
  ) {
    columns.fill(0);
    for (let y = top; y < bottom; y++) add(y, columns);
    for (let c = 0; c < channels; c++) {
      let at = (c * to.height + j) * to.width;
      for (const { from: left, to: right } of across) {
        let sum = 0;
        for (let x = left; x < right; x++) sum += columns[c * width + x]!;
        take(at++, sum, (bottom - top) * (right - left));
      }
    }
  }
}

function windows(count: number, length: number): readonly Span[] {
  return Array.from({ length: count }, (_, i) => ({
    from: Math.floor(i * length / count),
    to: Math.ceil((i + 1) * length / count),
  }));
}
