/** Makes image files for the tests, valid and damaged. */
import { deflateSync } from "node:zlib";
import { WEBP_ENCODER, WEBP_ENCODER_WASM } from "../../deps.ts";
import type { Raster } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { encodeRgb } from "./jpeg/libjpeg_turbo.ts";
import type { ImageInfo } from "./header.ts";
import { PNG_SIGNATURE, pngChunk } from "./png/chunks.ts";
import { readHeader } from "./read_header.ts";
import { instantiateEmscripten } from "./wasm_module.ts";
import { WEBP_CONFIG, type WebpEncoder } from "./webp/encode.ts";

/** Limits that every image of the tests is within. */
export const LIMITS = { maxPixels: 50e6, maxBytes: 128 * 1024 * 1024 };

/** An image whose neighbouring pixels differ, but smooth enough for JPEG. */
export function gradient(
  width: number,
  height: number,
  alpha: (x: number, y: number) => number = () => 255,
): Raster {
  const data = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(
        [40 + x * 4 % 200, 200 - y * 3 % 190, 60 + (x + y) % 120, alpha(x, y)],
        4 * (y * width + x),
      );
    }
  }
  return { width, height, data };
}

/** Largest difference of any byte. */
export function maxDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  let max = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    max = Math.max(max, Math.abs(a[i]! - b[i]!));
  }
  return max;
}

/**
 * An EXIF block: make (a tag before), orientation, and the offset of a second
 * directory for a thumbnail.
 */
export function exifBlock(
  orientation: number,
  { littleEndian = true, next = 38, count = 2 } = {},
): Uint8Array<ArrayBuffer> {
  const exif = new Uint8Array(56);
  const view = viewOf(exif);
  exif.set(latin1(littleEndian ? "II" : "MM"));
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  view.setUint16(8, count, littleEndian);
  const entry = (at: number, tag: number, type: number): void => {
    view.setUint16(at, tag, littleEndian);
    view.setUint16(at + 2, type, littleEndian);
    view.setUint32(at + 4, 1, littleEndian);
  };
  entry(10, 0x010f, 2);
  entry(22, 0x0112, 3);
  view.setUint16(30, orientation, littleEndian);
  view.setUint32(34, next, littleEndian);
  return exif;
}

/** A colour profile's header, filled up to `length` bytes. */
export function iccProfile(
  space: "RGB " | "CMYK" | "GRAY",
  length = 200,
): Uint8Array<ArrayBuffer> {
  const icc = Uint8Array.from({ length }, (_, i) => i * 31);
  viewOf(icc).setUint32(0, length);
  icc.set(latin1(space), 16);
  icc.set(latin1("acsp"), 36);
  return icc;
}

/** What a test PNG is made of. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number;
  readonly interlaced?: boolean;
  /** The sample of channel `c`, in the file's depth. */
  readonly sample?: (x: number, y: number, c: number) => number;
  /** Chunks before the pixels. */
  readonly chunks?: readonly (readonly [string, Uint8Array])[];
  /** Data of IDAT chunks, in place of the packed pixels. */
  readonly idat?: readonly Uint8Array[];
}

/** First pixel and step of Adam7's passes, in x and y. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG of any kind, filter 0. */
export function pngFile(parts: PngParts): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = viewOf(header);
  view.setUint32(0, parts.width);
  view.setUint32(4, parts.height);
  header.set(
    [parts.depth, parts.colourType, 0, 0, parts.interlaced ? 1 : 0],
    8,
  );
  return concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", header),
    ...(parts.chunks ?? []).map(([type, data]) => pngChunk(type, data)),
    ...(parts.idat ?? [deflateSync(packedSamples(parts))]).map((data) =>
      pngChunk("IDAT", data)
    ),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

function packedSamples(parts: PngParts): Uint8Array {
  const { width, height, depth, colourType, sample = () => 0 } = parts;
  const channels = [1, 0, 3, 1, 2, 0, 4][colourType]!;
  const rows: Uint8Array[] = [];
  for (
    const [x0, y0, dx, dy] of parts.interlaced ? ADAM7 : [[0, 0, 1, 1]] as const
  ) {
    const columns = Math.ceil((width - x0) / dx);
    if (columns <= 0) continue;
    for (let y = y0; y < height; y += dy) {
      const row = new Uint8Array(1 + Math.ceil(columns * channels * depth / 8));
      for (let i = 0; i < columns * channels; i++) {
        const x = x0 + dx * Math.floor(i / channels);
        const value = sample(x, y, i % channels);
        const bit = i * depth;
        if (depth === 16) row.set([value >> 8, value & 255], 1 + 2 * i);
        else row[1 + (bit >> 3)]! |= value << (8 - depth - bit % 8);
      }
      rows.push(row);
    }
  }
  return concat(rows);
}

/** An RGB JPEG of quality 95, baseline or progressive. */
export function jpegFile(
  { width, height, data }: Raster,
  { progressive = false } = {},
): Promise<Uint8Array> {
  return encodeRgb(width, height, 95, progressive, (samples) => {
    for (let i = 0; i < 3 * width * height; i++) {
      samples[i] = data[4 * Math.floor(i / 3) + i % 3]!;
    }
  });
}

/** What a flat test JPEG is made of. */
export interface FlatJpegParts {
  /** One value 0..255 for each component, in the file's colour space. */
  readonly components: readonly number[];
  readonly width?: number;
  readonly height?: number;
  /** Marker of the frame, 0xc0 by default. */
  readonly frame?: number;
  readonly precision?: number;
  /** Adobe's colour transform; no marker where it is undefined. */
  readonly adobe?: number;
  readonly scans?: number;
  /** Blocks of each component, across and down. Default: 0x11, 1 by 1. */
  readonly sampling?: readonly number[];
}

/**
 * A JPEG of a single flat 8x8 block (or a single unit with subsampling),
 * whatever size it declares.
 */
export function flatJpeg(parts: FlatJpegParts): Uint8Array<ArrayBuffer> {
  const { components, width = 8, height = 8, scans = 1 } = parts;
  const ids = components.map((_, i) => i + 1);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  // DC codes are four bits, the category itself; the only AC code, 0, ends the block.
  let bits = "";
  for (const [i, value] of components.entries()) {
    const dc = value - 128;
    const category = dc === 0 ? 0 : Math.abs(dc).toString(2).length;
    bits += category.toString(2).padStart(4, "0");
    if (category > 0) {
      bits += (dc > 0 ? dc : dc + 2 ** category - 1).toString(2)
        .padStart(category, "0");
    }
    bits += "0";
    // The other blocks of the unit: difference 0, end of block.
    const both = parts.sampling?.[i] ?? 0x11;
    bits += "00000".repeat((both >> 4) * (both & 15) - 1);
  }
  const scan = concat([
    jpegSegment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    Uint8Array.from(
      bits.match(/.{1,8}/g)!.flatMap((piece) => {
        const byte = parseInt(piece.padEnd(8, "1"), 2);
        return byte === 0xff ? [0xff, 0] : [byte];
      }),
    ),
  ]);
  return concat([
    Uint8Array.of(0xff, 0xd8),
    ...(parts.adobe === undefined ? [] : [
      jpegSegment(0xee, [...latin1("Adobe"), 0, 100, 0, 0, 0, 0, parts.adobe]),
    ]),
    // With quantiser 8, a flat block's DC is its value less 128.
    jpegSegment(0xdb, [0, ...Array<number>(64).fill(8)]),
    jpegSegment(parts.frame ?? 0xc0, [
      parts.precision ?? 8,
      ...size,
      ids.length,
      ...ids.flatMap((id, i) => [id, parts.sampling?.[i] ?? 0x11, 0]),
    ]),
    jpegSegment(0xc4, [
      0x00,
      0,
      0,
      0,
      9,
      ...Array<number>(12).fill(0),
      0,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    ]),
    jpegSegment(0xc4, [0x10, 1, ...Array<number>(15).fill(0), 0]),
    ...Array<Uint8Array>(scans).fill(scan),
    Uint8Array.of(0xff, 0xd9),
  ]);
}

/** A JPEG with one more segment after its first marker. */
export function withJpegSegment(
  jpeg: Uint8Array,
  code: number,
  content: readonly number[] | Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat([
    jpeg.subarray(0, 2),
    jpegSegment(code, content),
    jpeg.subarray(2),
  ]);
}

function jpegSegment(
  code: number,
  content: readonly number[] | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const length = content.length + 2;
  return Uint8Array.from([0xff, code, length >> 8, length & 255, ...content]);
}

/** What a test GIF is made of. */
export interface GifParts {
  readonly screen: readonly [number, number];
  /** Left, top, width, height of the frame. */
  readonly frame: readonly [number, number, number, number];
  /** Index at a position of the frame; colour i is (i, 2 i, 255 - i). */
  readonly index: (x: number, y: number) => number;
  readonly transparent?: number;
  readonly frames?: number;
}

/** A GIF of 128 colours whose LZW codes never grow: 8 bits each. */
export function gifFile(parts: GifParts): Uint8Array<ArrayBuffer> {
  const u16 = (value: number): number[] => [value & 255, value >> 8];
  const palette = Array.from({ length: 128 }, (_, i) => [i, 2 * i, 255 - i]);
  const [left, top, width, height] = parts.frame;
  const CLEAR = 128, END = 129;
  const codes: number[] = [];
  for (let i = 0; i < width * height; i++) {
    // Clear the table before codes grow longer.
    if (i % 100 === 0) codes.push(CLEAR);
    codes.push(parts.index(i % width, Math.floor(i / width)));
  }
  codes.push(END);
  const blocks: number[] = [];
  for (let i = 0; i < codes.length; i += 255) {
    const block = codes.slice(i, i + 255);
    blocks.push(block.length, ...block);
  }
  const frame = [
    ...(parts.transparent === undefined
      ? []
      : [0x21, 0xf9, 4, 1, 0, 0, parts.transparent, 0]),
    0x2c,
    ...[left, top, width, height].flatMap(u16),
    0,
    7,
    ...blocks,
    0,
  ];
  return Uint8Array.from([
    ...latin1("GIF89a"),
    ...parts.screen.flatMap(u16),
    0xf6,
    0,
    0,
    ...palette.flat(),
    ...Array<number[]>(parts.frames ?? 1).fill(frame).flat(),
    0x3b,
  ]);
}

/** A lossless WebP. */
export async function losslessWebp(
  { width, height, data }: Raster,
): Promise<Uint8Array> {
  const { api } = await instantiateEmscripten<WebpEncoder>(
    WEBP_ENCODER,
    WEBP_ENCODER_WASM,
  );
  const config = { ...WEBP_CONFIG, quality: 75, lossless: 1 };
  return new Uint8Array(api.encode(data, width, height, config)!);
}

/** Entries of a TIFF's directory: tag and value. */
export type TiffEntries = Readonly<Record<number, number>>;

/** A little-endian TIFF with one strip of grey or RGB samples. */
export function tiffFile(
  width: number,
  height: number,
  samples: Uint8Array,
  entries: TiffEntries = {},
): Uint8Array<ArrayBuffer> {
  const colours = samples.length / width / height;
  const all: TiffEntries = {
    256: width,
    257: height,
    258: 8,
    259: 1,
    262: colours === 1 ? 1 : 2,
    273: 8,
    277: colours,
    278: height,
    279: samples.length,
    ...entries,
  };
  const tags = Object.keys(all).map(Number).sort((a, b) => a - b);
  const directory = new Uint8Array(2 + 12 * tags.length + 4);
  const view = viewOf(directory);
  view.setUint16(0, tags.length, true);
  for (const [i, tag] of tags.entries()) {
    const at = 2 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, 4, true); // LONG
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, all[tag]!, true);
  }
  const head = Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0);
  viewOf(head).setUint32(4, 8 + samples.length, true);
  return concat([head, samples, directory]);
}

/** A BMP of 24 bits a pixel, bottom up; `rgb` gives the colour at x, y. */
export function bmpFile(
  width: number,
  height: number,
  rgb: (x: number, y: number) => readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const row = 4 * Math.ceil(3 * width / 4);
  const file = new Uint8Array(54 + row * height);
  const view = viewOf(file);
  file.set(latin1("BM"));
  view.setUint32(2, file.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = rgb(x, height - 1 - y);
      file.set([b, g, r], 54 + row * y + 3 * x);
    }
  }
  return file;
}

/** The header of an image file. */
export function infoOf(bytes: Uint8Array): ImageInfo {
  return readHeader(bytes).info;
}
