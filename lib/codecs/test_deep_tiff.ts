/** Makes TIFF files of 16 bits a sample for the tests. */
import { deflateSync } from "node:zlib";
import { concat, viewOf } from "./bytes.ts";

/** What a test TIFF is made of. */
export interface DeepTiffParts {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly sample: (x: number, y: number, c: number) => number;
  readonly little?: boolean;
  readonly compression?: "none" | "LZW" | "Deflate" | "PackBits";
  /** Whether samples are stored as differences to their left neighbours. */
  readonly differences?: boolean;
  /** Default: all. */
  readonly rowsPerStrip?: number;
  /** Side of a tile, a multiple of 16. Default: no tiles. */
  readonly tile?: number;
  /** Entries with one number, in addition to others or in place of them. */
  readonly entries?: Readonly<Record<number, number>>;
  /** Data of the strips or tiles, in place of the packed samples. */
  readonly packed?: (data: Uint8Array) => Uint8Array;
}

const COMPRESSIONS = { none: 1, LZW: 5, Deflate: 8, PackBits: 32773 };

/** A TIFF of one image. */
export function deepTiff(parts: DeepTiffParts): Uint8Array<ArrayBuffer> {
  const { width, height, channels, sample, little = true } = parts;
  const { compression = "none", rowsPerStrip = height, tile } = parts;
  const columns = tile ?? width;
  const rows = tile ?? rowsPerStrip;
  const pack = parts.packed ??
    {
      none: (data: Uint8Array) => data,
      LZW: lzw,
      Deflate: deflateSync,
      PackBits: (data: Uint8Array) => packBits(data, 2 * channels * columns),
    }[compression];
  const blocks: Uint8Array[] = [];
  for (let top = 0; top < height; top += rows) {
    for (let left = 0; left < width; left += columns) {
      const lines = tile ?? Math.min(rows, height - top);
      const data = new Uint8Array(2 * channels * columns * lines);
      for (let i = 0; i < data.length / 2; i++) {
        const c = i % channels;
        const x = Math.floor(i / channels) % columns;
        const y = top + Math.floor(i / channels / columns);
        const value = sample(left + x, y, c);
        const before = parts.differences && x > 0
          ? sample(left + x - 1, y, c)
          : 0;
        viewOf(data).setUint16(2 * i, value - before, little);
      }
      blocks.push(pack(data));
    }
  }
  const SHORT = 3, LONG = 4;
  let at = 8;
  const offsets = blocks.map(({ length }) => (at += length) - length);
  const lengths = blocks.map(({ length }) => length);
  const entries = new Map<number, [type: number, values: number[]]>([
    [256, [LONG, [width]]],
    [257, [LONG, [height]]],
    [258, [SHORT, Array<number>(channels).fill(16)]],
    [259, [SHORT, [COMPRESSIONS[compression]]]],
    [262, [SHORT, [channels > 2 ? 2 : 1]]],
    [277, [SHORT, [channels]]],
    [284, [SHORT, [1]]],
    [317, [SHORT, [parts.differences ? 2 : 1]]],
    ...(tile === undefined
      ? [
        [273, [LONG, offsets]],
        [278, [LONG, [rowsPerStrip]]],
        [279, [LONG, lengths]],
      ] as const
      : [
        [322, [LONG, [tile]]],
        [323, [LONG, [tile]]],
        [324, [LONG, offsets]],
        [325, [LONG, lengths]],
      ] as const) as [number, [number, number[]]][],
    ...(channels % 2 === 0
      ? [[338, [SHORT, [2]]] as [number, [number, number[]]]]
      : []),
    ...Object.entries(parts.entries ?? {}).map((
      [tag, value],
    ): [number, [number, number[]]] => [Number(tag), [LONG, [value]]]),
  ]);
  const sorted = [...entries].sort(([a], [b]) => a - b);
  const directory = new Uint8Array(2 + 12 * sorted.length + 4);
  const view = viewOf(directory);
  view.setUint16(0, sorted.length, little);
  const tail: Uint8Array[] = [];
  let tailAt = at + directory.length;
  for (const [i, [tag, [type, values]]] of sorted.entries()) {
    const size = type === SHORT ? 2 : 4;
    const bytes = new Uint8Array(Math.max(4, size * values.length));
    values.forEach((value, k) =>
      size === 2
        ? viewOf(bytes).setUint16(2 * k, value, little)
        : viewOf(bytes).setUint32(4 * k, value, little)
    );
    const entry = 2 + 12 * i;
    view.setUint16(entry, tag, little);
    view.setUint16(entry + 2, type, little);
    view.setUint32(entry + 4, values.length, little);
    if (bytes.length === 4) directory.set(bytes, entry + 8);
    else {
      view.setUint32(entry + 8, tailAt, little);
      tail.push(bytes);
      tailAt += bytes.length;
    }
  }
  const head = new Uint8Array(8);
  head.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  viewOf(head).setUint16(2, 42, little);
  viewOf(head).setUint32(4, at, little);
  return concat([head, ...blocks, directory, ...tail]);
}

/** LZW whose codes never grow: the table is cleared before they would. */
function lzw(data: Uint8Array): Uint8Array {
  const CLEAR = 256, END = 257, BITS = 9;
  const codes: number[] = [];
  for (const [i, byte] of data.entries()) {
    if (i % 200 === 0) codes.push(CLEAR);
    codes.push(byte);
  }
  codes.push(END);
  return bitsOf(codes, () => BITS);
}

/**
 * LZW that unfolds to about `bytes` zeros: each code is the next longer row of
 * them.
 */
export function lzwBomb(bytes: number): Uint8Array {
  const CLEAR = 256, END = 257, FIRST = 258, MOST = 4000;
  const codes: number[] = [];
  for (let length = 0; length < bytes;) {
    codes.push(CLEAR, 0);
    for (let code = FIRST; code < MOST; code++) {
      codes.push(code);
      length += code - FIRST + 2;
    }
  }
  codes.push(END);
  let next = FIRST - 2;
  return bitsOf(codes, (code) => {
    if (code === CLEAR) {
      const bits = width(next);
      next = FIRST - 2;
      return bits;
    }
    return width(next++);
  });
  /** TIFF's codes grow one early. */
  function width(next: number): number {
    return next < 511 ? 9 : next < 1023 ? 10 : next < 2047 ? 11 : 12;
  }
}

/** Codes as bits, the highest first. */
function bitsOf(
  codes: readonly number[],
  width: (code: number) => number,
): Uint8Array {
  const bytes: number[] = [];
  let held = 0, count = 0;
  for (const code of codes) {
    const bits = width(code);
    held = held << bits | code;
    count += bits;
    while (count >= 8) {
      count -= 8;
      bytes.push(held >> count & 255);
      held &= (1 << count) - 1;
    }
  }
  if (count > 0) bytes.push(held << (8 - count) & 255);
  return Uint8Array.from(bytes);
}

/** PackBits without repeats: up to 128 bytes of a row as they are, after how many less one. */
function packBits(data: Uint8Array, row: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += row) {
    for (let at = start; at < start + row; at += 128) {
      const part = data.subarray(at, Math.min(at + 128, start + row));
      parts.push(Uint8Array.of(part.length - 1), part);
    }
  }
  return concat(parts);
}
