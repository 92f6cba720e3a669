import { type ImageDirectory, TAG } from "./directory.ts";

/** Kinds of pixels: grey, 0 white or 0 black; red, green, blue; a palette's; inks. */
export const MIN_IS_WHITE = 0,
  MIN_IS_BLACK = 1,
  RGB = 2,
  PALETTE = 3,
  CMYK = 5;
/** None, LZW, Deflate, PackBits, Deflate (old number). */
const COMPRESSIONS: readonly number[] = [1, 5, 8, 32773, 32946];
const UNSIGNED = 1;
/** Samples side by side; the alternative is a plane for each. */
export const CONTIGUOUS = 1;
/** Each sample as the difference to the pixel on its left. */
export const DIFFERENCES = 2;
/** Alpha that the colours are multiplied by. */
const PREMULTIPLIED = 1;

/**
 * Whether all 16 bits of an image's samples can be read: grey or RGB, perhaps
 * with alpha, as unsigned integers, side by side.
 */
export function isDeepTiff(directory: ImageDirectory): boolean {
  const number = (tag: number, otherwise: number): number =>
    directory.number(tag) ?? otherwise;
  const all = (tag: number, otherwise: number, value: number): boolean =>
    (directory.numbers(tag, samples) ?? [otherwise])
      .every((each) => each === value);
  const kind = number(TAG.PHOTOMETRIC, -1);
  const samples = number(TAG.SAMPLES, 1);
  const colours = coloursOf(kind);
  return [MIN_IS_WHITE, MIN_IS_BLACK, RGB].includes(kind) &&
    (samples === colours || samples === colours + 1) &&
    all(TAG.BITS, 1, 16) &&
    all(TAG.SAMPLE_FORMAT, UNSIGNED, UNSIGNED) &&
    COMPRESSIONS.includes(number(TAG.COMPRESSION, 1)) &&
    (samples === 1 || number(TAG.PLANAR, CONTIGUOUS) === CONTIGUOUS) &&
    [1, DIFFERENCES].includes(number(TAG.PREDICTOR, 1)) &&
    number(TAG.EXTRA, 0) !== PREMULTIPLIED;
}

/** How many of a pixel's samples are colours. */
export function coloursOf(kind: number): number {
  return [MIN_IS_WHITE, MIN_IS_BLACK, PALETTE].includes(kind)
    ? 1
    : kind === CMYK
    ? 4
    : 3;
}
