/**
 * Averages a pixel with those around it that hardly differ from it: noise and
 * the steps of eight bits go, edges and all that is stronger than noise stay
 * (the sigma filter: Lee, Digital image smoothing and the sigma filter, 1983).
 */
import type { PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";

/**
 * Where the neighbours are, across and down: beside the pixel; half a block of
 * JPEG away, for what rings through a block; and farther, since a smooth sky
 * has steps of one level tens of pixels apart.
 */
const NEIGHBOURS = [[1, 1], [0, 4], [4, 8], [6, 16]]
  .flatMap(([x, y]) => [[x!, -y!], [y!, x!], [-x!, y!], [-y!, -x!]] as const);

/** How far they are at most, along each axis. */
const REACH = 16;

/** The weight of a pixel that is equal. A neighbour's is less by the square of its largest difference in a channel: whole numbers, so that every device has the same sums. */
const OWN = 16;

/** Averages pixels of an image. */
export class SigmaFilter {
  readonly #image: Size;
  /** RGBA; signed, as opaque pixels would be no small integers. */
  readonly #pixels: Int32Array;
  /** From a pixel to its neighbours, in pixels. */
  readonly #steps: Int32Array;

  constructor(image: PackedRaster) {
    const { buffer, byteOffset, length } = image.pixels;
    this.#image = image;
    this.#pixels = new Int32Array(buffer, byteOffset, length);
    this.#steps = Int32Array.from(
      NEIGHBOURS,
      ([x, y]) => y * image.width + x,
    );
  }

  /**
   * Writes the mean of a pixel's red, green and blue, 0..255, to `mean`. Twin:
   * `calmed` in canvas/gpu/shaders/correct.wgsl.
   */
  read(x: number, y: number, mean: Float64Array): void {
    const { width, height } = this.#image;
    const pixels = this.#pixels, steps = this.#steps;
    const at = y * width + x;
    const own = pixels[at]!;
    const red = own & 255, green = own >>> 8 & 255, blue = own >>> 16 & 255;
    let sum = OWN, reds = OWN * red, greens = OWN * green, blues = OWN * blue;
    const inside = x >= REACH && y >= REACH && x < width - REACH &&
      y < height - REACH;
    for (let i = 0; i < steps.length; i++) {
      const other = pixels[inside ? at + steps[i]! : this.#nearest(x, y, i)]!;
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
