import type { Metadata, Resolution } from "../header.ts";
import type { Raster } from "../../types.ts";
import { overWhite } from "../../pixels/over_white.ts";
import { concat, latin1, viewOf } from "../bytes.ts";
import { EXIF_PREFIX } from "../exif.ts";
import {
  ICC_PREFIX,
  jpegSegments,
  MARKER,
  MAX_JPEG_SEGMENT,
  XMP_PREFIX,
} from "./header.ts";
import { PHOTOSHOP_PREFIX } from "../photoshop.ts";
import { perInch } from "../resolution.ts";
import { JpegStripConcatenator } from "./strip_concatenator.ts";
import { encodeGreyJpeg } from "../magick.ts";
import { encodeRgb } from "./libjpeg_turbo.ts";
import { bandsOf, type Rows } from "../rows.ts";

/**
 * Writes a baseline JPEG with full colour resolution (4:4:4). JPEG has no
 * alpha: the image is composited over white.
 *
 * @param quality 1..100.
 * @param grey Whether to write one channel; the image must be neutral.
 */
export async function encodeJpeg(
  rows: Rows,
  quality: number,
  metadata: Metadata,
  grey: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = rows;
  if (grey) {
    // libjpeg-turbo's wrapper reserves too little memory for small grey files.
    const file = await encodeGreyJpeg(
      width,
      height,
      await greyOverWhite(rows),
      quality,
    );
    return withMetadata([file], metadata);
  }
  const joiner = new JpegStripConcatenator();
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
    (samples) => rgbOverWhite(data, samples),
  );
}

/** The red channel of RGBA, composited over white. */
async function greyOverWhite(rows: Rows): Promise<Uint8Array> {
  const samples = new Uint8Array(rows.width * rows.height);
  let to = 0;
  for await (const { data } of bandsOf(rows)) {
    for (let at = 0; at < data.length; at += 4) {
      samples[to++] = overWhite(data[at]!, data[at + 3]!);
    }
  }
  return samples;
}

/**
 * The block of 8x8 pixels in the lower right corner, smaller where the image
 * ends within it.
 */
function corner({ width, height, data }: Raster): Raster {
  const left = width - 1 & ~7;
  const top = height - 1 & ~7;
  const rows = Array.from({ length: height - top }, (_, y) => {
    const at = 4 * (top + y) * width;
    return data.subarray(at + 4 * left, at + 4 * width);
  });
  return { width: width - left, height: height - top, data: concat(rows) };
}

/** RGBA composited over white, as RGB. */
function rgbOverWhite(rgba: Raster["data"], rgb: Uint8Array): void {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    if (alpha === 255) {
      rgb[to] = rgba[from]!;
      rgb[to + 1] = rgba[from + 1]!;
      rgb[to + 2] = rgba[from + 2]!;
    } else {
      for (let c = 0; c < 3; c++) {
        rgb[to + c] = overWhite(rgba[from + c]!, alpha);
      }
    }
  }
}

/** Sets the resolution in the JFIF segment, and adds the metadata after it. */
function withMetadata(
  [head, ...pixels]: readonly Uint8Array[],
  metadata: Metadata,
): Uint8Array<ArrayBuffer> {
  const { exif, xmp, xmpParts, icc, photoshop, comments } = metadata;
  const start = new Uint8Array(head!);
  const first = jpegSegments(start).next().value;
  let at = 2;
  if (first?.code === MARKER.APP0) {
    at = first.at + 4 + first.data.length;
    if (metadata.resolution) setDensity(first.data, metadata.resolution);
  }
  return concat([
    start.subarray(0, at),
    ...(exif ? [segment(MARKER.APP1, [latin1(EXIF_PREFIX), exif])] : []),
    ...(xmp ? [segment(MARKER.APP1, [latin1(XMP_PREFIX), xmp])] : []),
    ...(xmpParts ?? []).map((part) => segment(MARKER.APP1, [part])),
    ...pieces(icc).map((piece, i, { length }) =>
      segment(MARKER.APP2, [
        latin1(ICC_PREFIX),
        Uint8Array.of(i + 1, length),
        piece,
      ])
    ),
    ...pieces(photoshop).map((piece) =>
      segment(MARKER.APP13, [latin1(PHOTOSHOP_PREFIX), piece])
    ),
    ...(comments ?? []).map((comment) => segment(MARKER.COM, [comment])),
    start.subarray(at),
    ...pixels,
  ]);
}

/** Sets the resolution in the data of a JFIF segment. */
function setDensity(jfif: Uint8Array, resolution: Resolution): void {
  const { x, y, unit } = perInch(resolution);
  if (Math.max(x, y) > 0xffff || Math.min(x, y) < 1) return;
  jfif[7] = unit === "inch" ? 1 : 0;
  viewOf(jfif).setUint16(8, x);
  viewOf(jfif).setUint16(10, y);
}

/** Splits a block into parts that fit into segments with their prefix. */
function pieces(block: Uint8Array | undefined): Uint8Array[] {
  const length = block?.length ?? 0;
  const most = MAX_JPEG_SEGMENT - PHOTOSHOP_PREFIX.length;
  return Array.from(
    { length: Math.ceil(length / most) },
    (_, i) => block!.subarray(i * most, (i + 1) * most),
  );
}

function segment(
  code: number,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const whole = concat([Uint8Array.of(0xff, code, 0, 0), ...parts]);
  viewOf(whole).setUint16(2, whole.length - 2);
  return whole;
}
