/** Enlarges planes by bilinear interpolation. */
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/** For each pixel along one axis: the two samples that it lies between. */
interface Axis {
  readonly before: Int32Array;
  readonly after: Int32Array;
  /** Weight of the sample after the pixel, 0..1. */
  readonly share: Float32Array;
}

/** Planes of samples spread over an image. */
export interface Samples extends Size {
  readonly data: Float32Array;
}

/**
 * Interpolates planes of samples at the pixels of a larger image, row by row. A
 * sample lies in the middle of the pixels that it stands for; beyond the
 * outermost samples their values are repeated.
 */
export class BilinearRows {
  readonly #samples: Samples;
  readonly #planes: number;
  readonly #x: Axis;
  readonly #y: Axis;
  readonly #line: Float32Array;

  /**
   * @param perPixel Samples for one pixel of the image, across and down.
   * @param mirroredAt Where the samples are those of the mirror image: how many
   * samples wide that is.
   */
  constructor(
    samples: Samples,
    image: Size,
    perPixel: Size,
    mirroredAt: number | null = null,
  ) {
    this.#samples = samples;
    this.#planes = samples.data.length / (samples.width * samples.height);
    this.#x = axis(image.width, samples.width, perPixel.width, mirroredAt);
    this.#y = axis(image.height, samples.height, perPixel.height);
    this.#line = new Float32Array(samples.width);
  }

  /**
   * Writes row `y` of every plane to `row`, one plane after the other, each as
   * wide as the image.
   */
  read(y: number, row: Float32Array): void {
    const { width, height, data } = this.#samples;
    const { before, after, share } = this.#x;
    const [top, bottom, low] = [
      this.#y.before[y]!,
      this.#y.after[y]!,
      this.#y.share[y]!,
    ];
    const line = this.#line;
    let to = 0;
    for (let plane = 0; plane < this.#planes; plane++) {
      const a = (plane * height + top) * width;
      const b = (plane * height + bottom) * width;
      for (let x = 0; x < width; x++) {
        line[x] = data[a + x]! + low * (data[b + x]! - data[a + x]!);
      }
      for (let x = 0; x < before.length; x++) {
        const value = line[before[x]!]!;
        row[to++] = value + share[x]! * (line[after[x]!]! - value);
      }
    }
  }
}

function axis(
  length: number,
  samples: number,
  perPixel: number,
  mirroredAt: number | null = null,
): Axis {
  const before = new Int32Array(length);
  const after = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const along = (i + 0.5) * perPixel;
    const middle = mirroredAt === null ? along : mirroredAt - along;
    const at = Math.min(samples - 1, Math.max(0, middle - 0.5));
    before[i] = Math.floor(at);
    after[i] = Math.min(samples - 1, before[i]! + 1);
    share[i] = at - before[i]!;
  }
  return { before, after, share };
}

/** Enlarges a mask to a size. */
export function enlargeMask(mask: Mask, { width, height }: Size): Mask {
  if (width === mask.width && height === mask.height) return mask;
  const samples = {
    width: mask.width,
    height: mask.height,
    data: Float32Array.from(mask.data),
  };
  const rows = new BilinearRows(samples, { width, height }, {
    width: mask.width / width,
    height: mask.height / height,
  });
  // A clamped array rounds.
  const data = new Uint8ClampedArray(width * height);
  const row = new Float32Array(width);
  for (let y = 0, to = 0; y < height; y++) {
    rows.read(y, row);
    for (let x = 0; x < width; x++) data[to++] = row[x]!;
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
