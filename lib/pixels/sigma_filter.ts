/**
 * Averages a pixel with those around it that hardly differ from it: noise and
 * the steps of eight bits go, edges and all that is stronger than noise stay
 * (the sigma filter: Lee, Digital image smoothing and the sigma filter, 1983).
 */
import type { PackedRaster } from "./planes.ts";

/** Where the neighbours are, across and down: beside the pixel, and half a block of JPEG away, for what rings through a block. */
const NEIGHBOURS = [
  [0, -4],
  [-3, -3],
  [3, -3],
  [0, -1],
  [-4, 0],
  [-1, 0],
  [1, 0],
  [4, 0],
  [0, 1],
  [-3, 3],
  [3, 3],
  [0, 4],
] as const;

/** How far they are. */
const REACH = 4;

/** The weight of a pixel that is equal. A neighbour's is less by the square of its largest difference in a channel: whole numbers, so that every device has the same sums. */
const OWN = 9;

/** Averages pixels of an image. */
export class SigmaFilter {
  readonly #image: PackedRaster;
  /** From a pixel to its neighbours, in pixels. */
  readonly #steps: readonly number[];

  constructor(image: PackedRaster) {
    this.#image = image;
    this.#steps = NEIGHBOURS.map(([x, y]) => y * image.width + x);
  }

  /**
   * Writes the mean of a pixel's red, green and blue, 0..255, to `mean`. Twin:
   * `calmed` in canvas/gpu/shaders/correct.wgsl.
   */
  read(x: number, y: number, mean: Float64Array): void {
    const { width, height, pixels } = this.#image;
    const at = y * width + x;
    const own = pixels[at]!;
    const red = own & 255, green = own >>> 8 & 255, blue = own >>> 16 & 255;
    let sum = OWN, reds = OWN * red, greens = OWN * green, blues = OWN * blue;
    const inside = x >= REACH && y >= REACH && x < width - REACH &&
      y < height - REACH;
    for (let i = 0; i < NEIGHBOURS.length; i++) {
      const other = pixels[
        inside ? at + this.#steps[i]! : this.#nearest(x, y, i)
      ]!;
      const r = (other & 255) - red;
      const g = (other >>> 8 & 255) - green;
      const b = (other >>> 16 & 255) - blue;
      const weight = OWN - Math.max(r * r, g * g, b * b);
      if (weight <= 0) continue;
      sum += weight;
      reds += weight * (red + r);
      greens += weight * (green + g);
      blues += weight * (blue + b);
    }
    mean[0] = reds / sum;
    mean[1] = greens / sum;
    mean[2] = blues / sum;
  }

  /** A neighbour's place, on the edge where it is beyond. */
  #nearest(x: number, y: number, i: number): number {
    const { width, height } = this.#image;
    const [across, down] = NEIGHBOURS[i]!;
    const row = Math.min(height - 1, Math.max(0, y + down));
    return row * width + Math.min(width - 1, Math.max(0, x + across));
  }
}
