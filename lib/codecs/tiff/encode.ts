import type { Metadata } from "../header.ts";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { concat, viewOf } from "../bytes.ts";
import { readOrientation } from "../exif.ts";
import { inInches } from "../resolution.ts";
import { bandHeight, bandsOf, rowBytes, type Rows } from "../rows.ts";
import {
  ASCII,
  Block,
  BYTE,
  type Directory,
  LONG,
  RATIONAL,
  readDirectory,
  SHORT,
  UNDEFINED,
  type Value,
  writeBlock,
} from "../tiff_block.ts";
import { CONTIGUOUS, DIFFERENCES, MIN_IS_BLACK, RGB } from "./deep_kind.ts";
import { STRUCTURE, TAG } from "./directory.ts";

/** As for PNG: half the time of the default level. */
const LEVEL = 3;
const compressed = promisify(deflate);

const DEFLATE = 8, ALPHA = 2;
const INCH = 2, NO_UNIT = 1;

/** Samples of RGBA that are written. */
const GREY = [0], COLOUR = [0, 1, 2], OPACITY = 3;

/**
 * Writes a TIFF of the rows' depth, in strips with a horizontal predictor and
 * Deflate: without alpha where every pixel is opaque, a mask as grey. EXIF's
 * directories become the file's own, without the notes of a camera's maker.
 * The output is deterministic: no time is written.
 *
 * Source: TIFF 6.0 (Adobe 1992), sections 8 and 14; Deflate as in Adobe's
 * Photoshop TIFF Technical Notes (2002).
 *
 * @param grey Whether to write one channel; the image must be neutral.
 */
export async function encodeTiff(
  rows: Rows,
  metadata: Metadata,
  grey: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const block = Block.of(metadata.exif);
  const littleEndian = block?.littleEndian ?? true;
  let samples = grey || rows.channels === 1 ? GREY : COLOUR;
  let strips = await stripsOf(rows, samples, littleEndian);
  if (strips === null) {
    samples = [...samples, OPACITY];
    strips = (await stripsOf(rows, samples, littleEndian))!;
  }
  const exif: Directory = block === null
    ? { values: [], below: new Map() }
    : withEnds(readDirectory(block));
  /** The file up to its strips. */
  const head = (start: number): Uint8Array<ArrayBuffer> => {
    const own = valuesOf(
      { rows, samples, strips: strips!, start, littleEndian },
      metadata,
    );
    const taken = new Set(own.map(({ tag }) => tag));
    const others = exif.values.filter(({ tag }) =>
      !taken.has(tag) && !STRUCTURE.has(tag)
    );
    return writeBlock(
      { values: [...others, ...own], below: exif.below },
      littleEndian,
    );
  };
  return concat([head(head(0).length), ...strips]);
}

/** Texts with the NUL that TIFF wants at their end, and that many programs forget in EXIF. */
function withEnds({ values, below }: Directory): Directory {
  return {
    values: values.map((value) => {
      if (value.type !== ASCII || value.bytes.at(-1) === 0) return value;
      const bytes = concat([value.bytes, Uint8Array.of(0)]);
      return { ...value, count: bytes.length, bytes };
    }),
    below: new Map(
      [...below].map(([tag, inner]) => [tag, withEnds(inner)] as const),
    ),
  };
}

/** The image as it lies in the file. */
interface Layout {
  readonly rows: Rows;
  readonly samples: readonly number[];
  readonly strips: readonly Uint8Array[];
  /** Where the strips begin. */
  readonly start: number;
  readonly littleEndian: boolean;
}

/** What the file's first directory says of the image. */
function valuesOf(
  { rows, samples, strips, start, littleEndian }: Layout,
  { icc, exif, xmp, photoshop, resolution }: Metadata,
): Value[] {
  const { width, height, depth } = rows;
  const numbers = (
    tag: number,
    type: typeof SHORT | typeof LONG | typeof RATIONAL,
    values: readonly number[],
  ): Value => {
    const size = type === SHORT ? 2 : 4;
    const bytes = new Uint8Array(size * values.length);
    const view = viewOf(bytes);
    for (const [i, value] of values.entries()) {
      if (size === 2) view.setUint16(2 * i, value, littleEndian);
      else view.setUint32(4 * i, value, littleEndian);
    }
    const count = type === RATIONAL ? values.length / 2 : values.length;
    return { tag, type, count, bytes };
  };
  const block = (tag: number, type: number, bytes: Uint8Array): Value => ({
    tag,
    type,
    count: bytes.length,
    bytes,
  });
  const alpha = samples.includes(OPACITY);
  const offsets: number[] = [];
  let at = start;
  for (const { length } of strips) {
    offsets.push(at);
    at += length;
  }
  const { x, y, unit } = inInches(resolution ?? { x: 0, y: 0, unit: "none" });
  return [
    numbers(TAG.WIDTH, LONG, [width]),
    numbers(TAG.HEIGHT, LONG, [height]),
    numbers(TAG.BITS, SHORT, samples.map(() => depth)),
    numbers(TAG.COMPRESSION, SHORT, [DEFLATE]),
    numbers(TAG.PHOTOMETRIC, SHORT, [
      samples.length > 2 ? RGB : MIN_IS_BLACK,
    ]),
    numbers(TAG.STRIP_OFFSETS, LONG, offsets),
    numbers(TAG.ORIENTATION, SHORT, [readOrientation(exif) ?? 1]),
    numbers(TAG.SAMPLES, SHORT, [samples.length]),
    numbers(TAG.ROWS_PER_STRIP, LONG, [bandHeight(width)]),
    numbers(TAG.STRIP_BYTES, LONG, strips.map(({ length }) => length)),
    numbers(TAG.PLANAR, SHORT, [CONTIGUOUS]),
    numbers(TAG.PREDICTOR, SHORT, [DIFFERENCES]),
    ...(alpha ? [numbers(TAG.EXTRA, SHORT, [ALPHA])] : []),
    ...(resolution
      ? [
        numbers(TAG.X_RESOLUTION, RATIONAL, fraction(x)),
        numbers(TAG.Y_RESOLUTION, RATIONAL, fraction(y)),
        numbers(TAG.RESOLUTION_UNIT, SHORT, [unit === "inch" ? INCH : NO_UNIT]),
      ]
      : []),
    ...(xmp ? [block(TAG.XMP, BYTE, xmp)] : []),
    ...(photoshop ? [block(TAG.PHOTOSHOP, BYTE, photoshop)] : []),
    ...(icc ? [block(TAG.ICC, UNDEFINED, icc)] : []),
  ];
}

/** A number to two decimals, as numerator and denominator. */
function fraction(value: number): readonly [number, number] {
  const hundredths = Math.round(100 * value);
  return hundredths % 100 === 0 ? [hundredths / 100, 1] : [hundredths, 100];
}

/**
 * The image's strips, compressed. `null` where a pixel is not opaque and alpha
 * is not among the samples.
 */
async function stripsOf(
  rows: Rows,
  samples: readonly number[],
  littleEndian: boolean,
): Promise<Uint8Array[] | null> {
  const checked = rows.channels === 4 && !samples.includes(OPACITY);
  const strips: Uint8Array[] = [];
  for await (const { height, data } of bandsOf(rows)) {
    if (checked && !isOpaque(rows, data)) return null;
    const bytes = differences(rows, height, data, samples, littleEndian);
    strips.push(await compressed(bytes, { level: LEVEL }));
  }
  return strips;
}

function isOpaque(
  { depth }: Rows,
  data: Uint8Array | Uint8ClampedArray,
): boolean {
  const size = depth / 8;
  for (let at = OPACITY * size; at < data.length; at += 4 * size) {
    for (let i = 0; i < size; i++) {
      if (data[at + i] !== 255) return false;
    }
  }
  return true;
}

/** Each sample less that of the pixel before it in its row. */
function differences(
  rows: Rows,
  height: number,
  data: Uint8Array | Uint8ClampedArray,
  samples: readonly number[],
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const { width, channels, depth } = rows;
  const deep = depth === 16;
  const length = rowBytes(rows);
  const bytes = new Uint8Array(height * width * samples.length * depth / 8);
  const view = viewOf(bytes);
  const from = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const c of samples) {
        const at = x * channels + c;
        if (deep) {
          const here = y * length + 2 * at;
          const before = x === 0 ? 0 : from.getUint16(here - 2 * channels);
          view.setUint16(to, from.getUint16(here) - before, littleEndian);
          to += 2;
        } else {
          const here = y * length + at;
          bytes[to++] = data[here]! - (x === 0 ? 0 : data[here - channels]!);
        }
      }
    }
  }
  return bytes;
}
