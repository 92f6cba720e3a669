import type { Metadata, Raster } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { checkSide } from "./check_side.ts";
import {
  EXIF_PREFIX,
  ICC_PREFIX,
  jpegSegments,
  MARKER,
} from "./jpeg_header.ts";
import { JpegJoiner } from "./jpeg_joiner.ts";
import { encodeGreyJpeg } from "./magick.ts";
import { encodeRgb } from "./libjpeg_turbo.ts";
import { bandsOf, type Rows } from "./rows.ts";

/** Longest side that libjpeg writes. */
const MAX_SIDE = 65500;
/** Longest content of a segment: 16 bits of length, less the length itself. */
const MAX_SEGMENT = 0xffff - 2;
const MAX_ICC_PIECES = 255;

/**
 * Writes a baseline JPEG with full colour resolution (4:4:4). JPEG holds no
 * alpha: the picture is laid over white. An EXIF block or profile too long for
 * JPEG's segments is left out.
 *
 * @param quality 1..100.
 * @param grey Write one channel, the picture being neutral.
 * @throws {LimpidError} `invalid-option` where a side is longer than JPEG holds.
 */
export async function encodeJpeg(
  rows: Rows,
  quality: number,
  metadata: Metadata = {},
  grey = false,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = rows;
  checkSide(rows, "JPEG", MAX_SIDE, "PNG");
  if (grey) {
    // libjpeg-turbo's wrapper leaves small grey pictures no room for their file.
    const file = await encodeGreyJpeg(
      width,
      height,
      await greyOverWhite(rows),
      quality,
    );
    return withMetadata([file], metadata);
  }
  const joiner = new JpegJoiner();
  for await (const band of bandsOf(rows)) {
    joiner.add(
      await encodeOpaque({ width, ...band }, quality),
      await encodeOpaque(corner({ width, ...band }), quality),
    );
  }
  return withMetadata(joiner.end(height), metadata);
}

function encodeOpaque(
  { width, height, data }: Raster,
  quality: number,
): Promise<Uint8Array> {
  return encodeRgb(
    width,
    height,
    quality,
    false,
    (samples) => overWhite(data, samples),
  );
}

/** The first samples of RGBA laid over white. */
async function greyOverWhite(rows: Rows): Promise<Uint8Array> {
  const samples = new Uint8Array(rows.width * rows.height);
  let to = 0;
  for await (const { data } of bandsOf(rows)) {
    for (let at = 0; at < data.length; at += 4) {
      samples[to++] = 255 -
        Math.round((255 - data[at]!) * data[at + 3]! / 255);
    }
  }
  return samples;
}

/** The last block of 8x8, smaller where the picture ends in it. */
function corner({ width, height, data }: Raster): Raster {
  const left = width - 1 & ~7;
  const top = height - 1 & ~7;
  const rows = Array.from({ length: height - top }, (_, y) => {
    const at = 4 * (top + y) * width;
    return data.subarray(at + 4 * left, at + 4 * width);
  });
  return { width: width - left, height: height - top, data: concat(rows) };
}

/** RGBA laid over white, as RGB. */
function overWhite(rgba: Raster["data"], rgb: Uint8Array): void {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    if (alpha === 255) {
      rgb[to] = rgba[from]!;
      rgb[to + 1] = rgba[from + 1]!;
      rgb[to + 2] = rgba[from + 2]!;
    } else {
      for (let c = 0; c < 3; c++) {
        rgb[to + c] = 255 - Math.round((255 - rgba[from + c]!) * alpha / 255);
      }
    }
  }
}

/** The file with its EXIF and profile after the JFIF segment. */
function withMetadata(
  [head, ...pixels]: readonly Uint8Array[],
  { icc, exif }: Metadata,
): Uint8Array<ArrayBuffer> {
  const first = jpegSegments(head!).next().value;
  const at = first?.code === MARKER.APP0 ? first.at + 4 + first.data.length : 2;
  return concat([
    head!.subarray(0, at),
    ...exifSegments(exif),
    ...iccSegments(icc),
    head!.subarray(at),
    ...pixels,
  ]);
}

function exifSegments(exif: Uint8Array | undefined): Uint8Array[] {
  if (!exif || exif.length > MAX_SEGMENT - EXIF_PREFIX.length) return [];
  return [segment(MARKER.APP1, [latin1(EXIF_PREFIX), exif])];
}

/** The profile in pieces, each with its number and their count (ICC.1:2022, annex B.4). */
function iccSegments(icc: Uint8Array | undefined): Uint8Array[] {
  if (!icc) return [];
  const pieceBytes = MAX_SEGMENT - ICC_PREFIX.length - 2;
  const count = Math.ceil(icc.length / pieceBytes);
  if (count > MAX_ICC_PIECES) return [];
  return Array.from({ length: count }, (_, i) =>
    segment(MARKER.APP2, [
      latin1(ICC_PREFIX),
      Uint8Array.of(i + 1, count),
      icc.subarray(i * pieceBytes, (i + 1) * pieceBytes),
    ]));
}

function segment(
  code: number,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const whole = concat([Uint8Array.of(0xff, code, 0, 0), ...parts]);
  viewOf(whole).setUint16(2, whole.length - 2);
  return whole;
}
