/** Tells how much of an image's fine detail is damage, from what was restored of its coarse structure. */
import type { PackedRaster } from "./planes.ts";

/** Half the side of the window in which restoration and image are compared. */
const WINDOW = 2;
/** The same of the window over which shares are averaged. */
const AVERAGED = 1;
/** Variance of the luminance, in squared byte values, below which there is nothing to compare. */
const FLAT = 30;
/** Shares up to this may come from chance; those above are stretched to 0..1. */
const CHANCE = 0.2;

/**
 * The share of the detail around each pixel that goes with its damage, 0..1.
 *
 * A streak that was taken away is a correction that mirrors the image: where
 * the streak is bright, the correction is dark. Fitting C = b - s I in a
 * window, with the luminance of the correction C and of the image I (the guided
 * filter's regression: He, Sun and Tang, ECCV 2010), gives
 * s = -cov(I, C) / (var(I) + e): 1 where all structure is damage, 0 where the
 * correction is smooth or has nothing to do with the image.
 *
 * @param restored The same image, restored.
 */
export function damagedDetail(
  image: PackedRaster,
  restored: PackedRaster,
): Float32Array {
  const { width, height } = image;
  const windows = new Windows(image, restored);
  const lines = new Lines(2 * AVERAGED + 1, width);
  const share = new Float64Array(width);
  const averaged = new Float32Array(width * height);
  let known = 0;
  for (let y = 0, at = 0; y < height; y++) {
    const from = Math.max(0, y - AVERAGED);
    const to = Math.min(height - 1, y + AVERAGED);
    for (; known <= to; known++) {
      windows.read(known, share);
      addAcross(share, AVERAGED, lines.at(known));
    }
    for (let x = 0; x < width; x++, at++) {
      let sum = 0;
      for (let k = from; k <= to; k++) sum += lines.at(k)[x]!;
      const mean = sum / ((to - from + 1) * countAcross(x, AVERAGED, width));
      averaged[at] = Math.max(0, (mean - CHANCE) / (1 - CHANCE));
    }
  }
  return averaged;
}

/** Compares an image with its restoration in the window around each pixel. Rows are read from top to bottom, and few are kept. */
class Windows {
  readonly #image: PackedRaster;
  readonly #restored: PackedRaster;
  /** Sums across of I, C, I C and I I. */
  readonly #lines: readonly Lines[];
  readonly #values: readonly Float64Array[];
  readonly #down: readonly Float64Array[];
  #known = 0;

  constructor(image: PackedRaster, restored: PackedRaster) {
    const { width } = image;
    const four = <T>(make: () => T): readonly T[] =>
      Array.from({ length: 4 }, make);
    this.#image = image;
    this.#restored = restored;
    this.#lines = four(() => new Lines(2 * WINDOW + 1, width));
    this.#values = four(() => new Float64Array(width));
    this.#down = four(() => new Float64Array(width));
  }

  /** Writes the shares of row `y`, not averaged yet. */
  read(y: number, share: Float64Array): void {
    const { width, height } = this.#image;
    const from = Math.max(0, y - WINDOW);
    const to = Math.min(height - 1, y + WINDOW);
    for (; this.#known <= to; this.#known++) this.#add(this.#known);
    for (const [i, sums] of this.#down.entries()) {
      sums.fill(0);
      for (let k = from; k <= to; k++) {
        const line = this.#lines[i]!.at(k);
        for (let x = 0; x < width; x++) sums[x] = sums[x]! + line[x]!;
      }
    }
    const [seen, change, product, square] = this.#down;
    for (let x = 0; x < width; x++) {
      const part = 1 / ((to - from + 1) * countAcross(x, WINDOW, width));
      const mean = seen![x]! * part;
      const covariance = product![x]! * part - mean * change![x]! * part;
      const variance = square![x]! * part - mean * mean;
      share[x] = Math.min(1, Math.max(0, -covariance / (variance + FLAT)));
    }
  }

  #add(y: number): void {
    const { width, data } = this.#image;
    const [seen, change, product, square] = this.#values;
    for (let x = 0, at = 4 * y * width; x < width; x++, at += 4) {
      const i = luminance(data, at);
      const c = luminance(this.#restored.data, at) - i;
      seen![x] = i;
      change![x] = c;
      product![x] = i * c;
      square![x] = i * i;
    }
    for (const [i, values] of this.#values.entries()) {
      addAcross(values, WINDOW, this.#lines[i]!.at(y));
    }
  }
}

/** The last few lines of many, by their rows. */
class Lines {
  readonly #kept: readonly Float64Array[];

  constructor(count: number, width: number) {
    this.#kept = Array.from({ length: count }, () => new Float64Array(width));
  }

  at(y: number): Float64Array {
    return this.#kept[y % this.#kept.length]!;
  }
}

/** Writes the sum of each value and of those up to `radius` beside it. */
function addAcross(
  values: Float64Array,
  radius: number,
  sums: Float64Array,
): void {
  sums.set(values);
  for (let step = 1; step <= radius; step++) {
    for (let x = step; x < values.length; x++) {
      sums[x] = sums[x]! + values[x - step]!;
      sums[x - step] = sums[x - step]! + values[x]!;
    }
  }
}

/** How many pixels of a row such a sum has. */
function countAcross(x: number, radius: number, width: number): number {
  return Math.min(width - 1, x + radius) - Math.max(0, x - radius) + 1;
}

/** Luma in byte values (ITU-R BT.601). */
function luminance(
  data: Uint8ClampedArray | Uint8Array,
  at: number,
): number {
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}
