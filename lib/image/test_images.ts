/**
 * Image files of every kind for tests, written byte by byte after the formats'
 * specifications, so that what the decoders must make of them is known exactly.
 * Plainer ones are in tests/images.ts.
 */
import { deflateSync } from "node:zlib";
import { bytes, chunk, segment } from "../../tests/images.ts";
import type { Raster } from "../types.ts";

/** A sample of a picture: column, row, channel. */
export type Sample = (x: number, y: number, c: number) => number;

/** What a PNG is made of. */
export interface PngKind {
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  readonly interlaced?: boolean;
  /** Whole chunks between IHDR and IDAT: PLTE, tRNS, iCCP, eXIf, ... */
  readonly chunks?: readonly Uint8Array[];
}

/** Channels of each PNG colour type. */
export const PNG_CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** Left, top, step right and step down of Adam7's passes (PNG specification, 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG of any kind; every row has another of the five filters. */
export function anyPng(
  width: number,
  height: number,
  { colourType, bitDepth, interlaced = false, chunks = [] }: PngKind,
  sample: Sample,
): Uint8Array<ArrayBuffer> {
  const channels = PNG_CHANNELS[colourType];
  const rows: number[] = [];
  for (const [left, top, right, down] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    let above: number[] | undefined;
    for (let y = top!; y < height && left! < width; y += down!) {
      let bits = "";
      for (let x = left!; x < width; x += right!) {
        for (let c = 0; c < channels; c++) {
          bits += sample(x, y, c).toString(2).padStart(bitDepth, "0");
        }
      }
      const row = (bits.match(/.{1,8}/g) ?? []).map((byte) =>
        parseInt(byte.padEnd(8, "0"), 2)
      );
      const distance = Math.max(1, channels * bitDepth >> 3);
      rows.push(...filtered(y % 5, row, above ?? row.map(() => 0), distance));
      above = row;
    }
  }
  return bytes(
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    chunk("IHDR", pngHeader(width, height, bitDepth, colourType, interlaced)),
    ...chunks,
    chunk("IDAT", deflateSync(Uint8Array.from(rows))),
    chunk("IEND", new Uint8Array()),
  );
}

/** The content of an IHDR chunk. */
export function pngHeader(
  width: number,
  height: number,
  bitDepth: number,
  colourType: number,
  interlaced = false,
): Uint8Array<ArrayBuffer> {
  return bytes(
    big32(width),
    big32(height),
    [bitDepth, colourType, 0, 0, interlaced ? 1 : 0],
  );
}

/** A row after its filter's number: none, Sub, Up, Average, Paeth. */
function filtered(
  filter: number,
  row: readonly number[],
  above: readonly number[],
  distance: number,
): number[] {
  return [
    filter,
    ...row.map((value, i) => {
      const a = row[i - distance] ?? 0;
      const b = above[i] ?? 0;
      const c = above[i - distance] ?? 0;
      const p = a + b - c;
      const [da, db, dc] = [a, b, c].map((near) => Math.abs(p - near)) as [
        number,
        number,
        number,
      ];
      const paeth = da <= db && da <= dc ? a : db <= dc ? b : c;
      return (value - [0, a, b, (a + b) >> 1, paeth][filter]!) & 255;
    }),
  ];
}

/** An iCCP chunk. */
export function iccpChunk(profile: Uint8Array): Uint8Array {
  return chunk("iCCP", bytes([0x78, 0, 0], deflateSync(profile)));
}

/** What a JPEG is made of. */
export interface JpegKind {
  readonly components: 1 | 3 | 4;
  readonly progressive?: boolean;
  /** Transform of Adobe's marker: 0 RGB or CMYK, 1 YCbCr, 2 YCCK. Default: no marker. */
  readonly adobe?: 0 | 1 | 2;
  /** Whole segments after the start of the image. */
  readonly segments?: readonly (Uint8Array | readonly number[])[];
  /** One scan of nothing for each of the 63 higher frequencies of the first component. */
  readonly manyScans?: boolean;
}

/**
 * A JPEG of flat blocks of 8 x 8 pixels. The samples are what the file stores
 * and, no frequency but the mean being used, what its decoder must find.
 * Progressive ones send the lowest bit of the mean in a scan of its own.
 *
 * @param sample Column and row of blocks, component; 0..255.
 */
export function flatJpeg(
  width: number,
  height: number,
  { components, progressive, adobe, segments = [], manyScans }: JpegKind,
  sample: Sample,
): Uint8Array<ArrayBuffer> {
  const all = Array.from({ length: components }, (_, c) => c);
  const across = Math.ceil(width / 8);
  const blocks = across * Math.ceil(height / 8);
  const mean = (block: number, c: number): number =>
    sample(block % across, Math.floor(block / across), c) - 128;

  const means = (shift: number, ends: string): string => {
    const last = all.map(() => 0);
    let bits = "";
    for (let block = 0; block < blocks; block++) {
      for (const c of all) {
        const value = mean(block, c) >> shift;
        bits += differenceBits(value - last[c]!) + ends;
        last[c] = value;
      }
    }
    return bits;
  };
  const scan = (
    of: readonly number[],
    from: number,
    to: number,
    shifts: number,
    bits: string,
  ): Uint8Array =>
    bytes(
      segment(0xda, [
        of.length,
        ...of.flatMap((c) => [c, 0]),
        from,
        to,
        shifts,
      ]),
      entropy(bits),
    );

  const scans: Uint8Array[] = [];
  if (progressive) {
    scans.push(scan(all, 0, 0, 0x01, means(1, "")));
    let lowest = "";
    for (let block = 0; block < blocks; block++) {
      for (const c of all) lowest += mean(block, c) & 1;
    }
    scans.push(scan(all, 0, 0, 0x10, lowest));
    for (const c of all) {
      const bands = c === 0 && manyScans
        ? Array.from({ length: 63 }, (_, k) => [k + 1, k + 1] as const)
        : [[1, 63] as const];
      for (const [from, to] of bands) {
        scans.push(scan([c], from, to, 0, "0".repeat(blocks)));
      }
    }
  } else scans.push(scan(all, 0, 63, 0, means(0, "0")));

  return bytes(
    [0xff, 0xd8],
    ...segments,
    adobe === undefined
      ? []
      : segment(0xee, [...latin("Adobe"), 0, 100, 0, 0, 0, 0, adobe]),
    segment(0xdb, [0, ...Array<number>(64).fill(8)]),
    segment(progressive ? 0xc2 : 0xc0, [
      8,
      ...big32(height).slice(2),
      ...big32(width).slice(2),
      components,
      ...all.flatMap((c) => [c, 0x11, 0]),
    ]),
    // Differences: 12 codes of 4 bits, the code being the number of bits that follow.
    segment(0xc4, [
      0x00,
      0,
      0,
      0,
      12,
      ...Array<number>(12).fill(0),
      ...Array(12).keys(),
    ]),
    // Frequencies: one code of one bit, the end of the block.
    segment(0xc4, [0x10, 1, ...Array<number>(15).fill(0), 0]),
    ...scans,
    [0xff, 0xd9],
  );
}

/** ITU-T T.81, F.1.2.1: how many bits, then the bits, those of negative ones less one. */
function differenceBits(difference: number): string {
  const size = difference === 0 ? 0 : Math.abs(difference).toString(2).length;
  const value = difference < 0 ? difference + 2 ** size - 1 : difference;
  return size.toString(2).padStart(4, "0") +
    (size === 0 ? "" : value.toString(2).padStart(size, "0"));
}

/** Bits as bytes, filled with ones, a zero after every 0xff. */
function entropy(bits: string): number[] {
  return (bits.match(/.{1,8}/g) ?? []).flatMap((byte) => {
    const value = parseInt(byte.padEnd(8, "1"), 2);
    return value === 0xff ? [0xff, 0] : [value];
  });
}

/** The APP1 segment of an EXIF block. */
export function exifSegment(exif: Uint8Array): number[] {
  return segment(0xe1, [...latin("Exif\0\0"), ...exif]);
}

/** The APP2 segments of a profile, in pieces of at most `size` bytes. */
export function iccSegments(icc: Uint8Array, size = 65519): number[][] {
  const count = Math.ceil(icc.length / size);
  return Array.from({ length: count }, (_, i) =>
    segment(0xe2, [
      ...latin("ICC_PROFILE\0"),
      i + 1,
      count,
      ...icc.subarray(i * size, (i + 1) * size),
    ]));
}

/** What a GIF is made of. */
export interface GifKind {
  /** Left, top, width and height of the frame; default: the screen. */
  readonly frame?: readonly [number, number, number, number];
  /** The index that is not painted. */
  readonly transparent?: number;
  readonly interlaced?: boolean;
  /** How many times the frame follows. Default 1. */
  readonly frames?: number;
}

/**
 * A GIF of 128 greys, index `i` being `2 * i`. Its table of strings is cleared
 * before it grows, so every code is one byte, the pixel's index.
 *
 * @param index Column and row in the frame; 0..127.
 */
export function greyGif(
  width: number,
  height: number,
  { frame = [0, 0, width, height], transparent, interlaced, frames = 1 }:
    GifKind,
  index: (x: number, y: number) => number,
): Uint8Array<ArrayBuffer> {
  const [, , w, h] = frame;
  const passes = interlaced ? [[0, 8], [4, 8], [2, 4], [1, 2]] : [[0, 1]];
  const codes: number[] = [];
  let count = 0;
  for (const [first, step] of passes) {
    for (let y = first!; y < h; y += step!) {
      for (let x = 0; x < w; x++) {
        if (count++ % 100 === 0) codes.push(0x80); // clear
        codes.push(index(x, y));
      }
    }
  }
  codes.push(0x81); // end
  const pieces: number[] = [];
  for (let at = 0; at < codes.length; at += 255) {
    const piece = codes.slice(at, at + 255);
    pieces.push(piece.length, ...piece);
  }
  const picture = bytes(
    transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0],
    [0x2c, ...frame.flatMap(little16), interlaced ? 0x40 : 0, 7, ...pieces, 0],
  );
  return bytes(
    latin("GIF89a"),
    [...little16(width), ...little16(height), 0xf6, 0, 0],
    Array.from({ length: 128 }, (_, i) => [2 * i, 2 * i, 2 * i]).flat(),
    ...Array<Uint8Array>(frames).fill(picture),
    [0x3b],
  );
}

/** A WebP of these chunks. */
export function riff(
  ...chunks: readonly (readonly [string, Uint8Array])[]
): Uint8Array<ArrayBuffer> {
  const body = bytes(
    latin("WEBP"),
    ...chunks.map(([type, data]) =>
      bytes(
        latin(type),
        little32(data.length),
        data,
        new Uint8Array(data.length & 1),
      )
    ),
  );
  return bytes(latin("RIFF"), little32(body.length), body);
}

/**
 * The VP8L chunk of a picture of which every channel has two values, RFC 9649,
 * section 3: a code of one bit for each.
 *
 * @param sample 0 or 1, by column, row and channel (RGBA).
 */
export function losslessWebp(
  width: number,
  height: number,
  low: readonly number[],
  high: readonly number[],
  sample: Sample,
): Uint8Array<ArrayBuffer> {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push(value >> i & 1);
  };
  put(0x2f, 8);
  put(width - 1, 14);
  put(height - 1, 14);
  put(1, 1); // alpha is used
  put(0, 3); // version
  put(0, 3); // no transform, no colour cache, one set of codes
  const order = [1, 0, 2, 3]; // green, red, blue, alpha
  for (const c of order) {
    put(0b111, 3); // plain code of two symbols, the first of 8 bits
    put(low[c]!, 8);
    put(high[c]!, 8);
  }
  put(0b0001, 4); // distances: plain code of one symbol, of one bit, 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const c of order) put(sample(x, y, c), 1);
    }
  }
  const data = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => data[i >> 3]! |= bit << (i & 7));
  return data;
}

/** An EXIF block whose first directory has these entries of one SHORT each. */
export function exifBlock(
  entries: readonly (readonly [tag: number, value: number])[],
  { littleEndian = false, next = 0 } = {},
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(14 + 12 * entries.length);
  const view = new DataView(block.buffer);
  block.set(latin(littleEndian ? "II" : "MM"));
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  view.setUint16(8, entries.length, littleEndian);
  entries.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, littleEndian);
    view.setUint16(at + 2, 3, littleEndian);
    view.setUint32(at + 4, 1, littleEndian);
    view.setUint16(at + 8, value, littleEndian);
  });
  view.setUint32(10 + 12 * entries.length, next, littleEndian);
  return block;
}

/** What passes for a colour profile: a header, and bytes that do not repeat. */
export function iccProfile(
  space = "RGB ",
  length = 600,
): Uint8Array<ArrayBuffer> {
  const profile = noise(length, 7);
  profile.set(latin(space), 16);
  profile.set(latin("acsp"), 36);
  return profile;
}

/** A raster painted by channel. */
export function painted(width: number, height: number, sample: Sample): Raster {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < data.length; i++) {
    const pixel = i >> 2;
    data[i] = sample(pixel % width, Math.floor(pixel / width), i & 3);
  }
  return { width, height, data };
}

/** A picture as smooth as a photograph's sky, opaque. */
export function smooth(width: number, height: number): Raster {
  return painted(
    width,
    height,
    (x, y, c) =>
      c === 3 ? 255 : 128 + 100 * Math.sin((x * (c + 1) + 2 * y) / 40),
  );
}

/** Bytes in no order, the same for the same seed (xorshift32). */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const next = randomNumbers(seed);
  return Uint8Array.from({ length }, () => next(256));
}

/** A source of whole numbers below a bound, the same for the same seed (xorshift32). */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** The largest difference of two pictures of one size. */
export function maxDifference(a: Raster["data"], b: Raster["data"]): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
  }
  return most;
}

function latin(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function big32(value: number): number[] {
  return [value >>> 24, value >> 16 & 255, value >> 8 & 255, value & 255];
}

function little16(value: number): number[] {
  return [value & 255, value >> 8];
}

function little32(value: number): number[] {
  return big32(value).reverse();
}
