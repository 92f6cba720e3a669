import { foundMetadata } from "./found_metadata.ts";
import { asLimpidError, LimpidError } from "../errors.ts";
import { RAISE_LIMIT } from "../raise_limit.ts";
import { FORMATS, type InputFormat } from "../formats.ts";
import { isOutOfMemory, outOfMemory } from "../out_of_memory.ts";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import type { Depth, Raster } from "../types.ts";
import { decodeDeep } from "./decode_deep.ts";
import type { DecodedPixels } from "./decoded_pixels.ts";
import { exifResolution, resetExif } from "./exif.ts";
import type { FileHeader, ImageInfo, Metadata } from "./header.ts";
import { orient, orientDeep } from "./orient.ts";
import { readHeader } from "./read_header.ts";
import { DECODERS } from "./table.ts";
import { resetXmp } from "./xmp.ts";

/** A decoded image, ready to be viewed. */
export interface Decoded {
  /** Upright: the EXIF orientation is applied. Alpha is untouched, not premultiplied. */
  readonly raster: Raster;
  /** The same with 16 bits a sample, where that was asked for and the file has them. */
  readonly deep: DeepRaster | null;
  readonly format: InputFormat;
  /** Bits of a sample in the file; the raster holds the highest 8. */
  readonly bitDepth: number;
  /** Whether the file has one channel, perhaps with alpha. */
  readonly grey: boolean;
  /** Whether the file is compressed without loss. */
  readonly lossless: boolean;
  /** As in the file, but EXIF and XMP say "upright" and give the size. */
  readonly metadata: Metadata;
  /** Faults of the file that did not prevent decoding, as sentences. */
  readonly warnings: readonly string[];
  /** Facts of the file that are no faults, as sentences. */
  readonly notes: readonly string[];
  /** Parts of the file that are not read, as sentences. */
  readonly left: readonly string[];
}

/** Upper limits for inputs. */
export interface DecodeLimits {
  readonly maxPixels: number;
  readonly maxBytes: number;
}

/**
 * Decodes a PNG (any kind), JPEG (baseline, progressive, grey, CMYK), GIF
 * (first frame), WebP (lossy, lossless), BMP, TIFF (first image), HEIC or AVIF.
 * Of an animated PNG it decodes the still image; it refuses animated WebP.
 *
 * Limits are checked against the header before anything is decoded or
 * allocated.
 *
 * @param bytes The whole file.
 * @param depth Bits of a sample to read, where the file has them.
 * @throws {LimpidError} `too-many-bytes`, `too-many-pixels`, `corrupt-image`
 * (damaged, truncated, or of another size than its header says), and what
 * `readHeader()` throws.
 *
 * @example
 * ```ts
 * import { decode } from "./decode.ts";
 * import { encode } from "./encode.ts";
 * import assert from "node:assert/strict";
 *
 * const pixel = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 255) };
 * const file = await encode(pixel, { format: "png" });
 * const { raster } = await decode(file, { maxPixels: 1e6, maxBytes: 1e6 });
 * assert.deepEqual(raster.data, pixel.data);
 * ```
 */
export async function decode(
  bytes: Uint8Array,
  limits: DecodeLimits,
  depth: Depth = 8,
): Promise<Decoded> {
  const { info, metadata, warnings, left } = checkHeader(bytes, limits);
  const { format, width, height } = info;
  const { warnings: more, metadata: found, ...stored } = await decodePixels(
    bytes,
    info,
  );
  if (stored.width !== width || stored.height !== height) {
    throw new LimpidError(
      "corrupt-image",
      `The ${
        FORMATS[format].name
      } is damaged: its header says ${width}x${height}, its pixels make ${stored.width}x${stored.height}.`,
    );
  }
  const deep = depth === 16 && info.deep
    ? await decodeDeep(bytes, info, stored)
    : null;
  const raster = orient(stored, info.orientation);
  const note = deep === null ? depthNote(info, depth) : null;
  const notes = note === null ? [] : [note];
  const { written, writtenAs } = FORMATS[format];
  // A file that may go back as it came loses nothing unless it is written anew.
  const mayGoBack = depth === 8 && writtenAs === format &&
    written?.depth === 16;
  return {
    raster,
    deep: deep && orientDeep(deep, info.orientation),
    format,
    bitDepth: info.bitDepth,
    grey: info.grey,
    lossless: info.lossless,
    metadata: upright(
      { ...metadata, ...found },
      raster,
      info.orientation >= 5,
    ),
    warnings: [...warnings, ...more],
    notes: mayGoBack ? [] : notes,
    left: mayGoBack ? [...left, ...notes] : left,
  };
}

/** Says that an image is read in 8 bits; `null` where nothing else was there or asked for. */
function depthNote(
  { format, bitDepth }: ImageInfo,
  depth: Depth,
): string | null {
  const { name } = FORMATS[format];
  if (bitDepth > 8) {
    return `The ${name} has ${bitDepth} bits a sample; 8 of them are read.`;
  }
  return depth === 8
    ? null
    : `The ${name} has 8 bits a channel, and so has its result.`;
}

/**
 * Copies the metadata for an image that was turned upright; without references
 * to the file, its memory can be freed.
 *
 * @param swapped Whether width and height changed places.
 */
function upright(
  { exif, xmp, ...rest }: Metadata,
  size: { readonly width: number; readonly height: number },
  swapped: boolean,
): Metadata {
  const stored = rest.resolution ?? (exif && exifResolution(exif));
  const resolution = stored && swapped
    ? { ...stored, x: stored.y, y: stored.x }
    : stored;
  return foundMetadata({
    ...copied(rest),
    resolution,
    exif: exif && resetExif(exif, size, swapped),
    xmp: xmp && resetXmp(xmp, size),
  });
}

/** A deep copy; structuredClone() would copy the whole file with each part. */
function copied<T>(value: T): T {
  if (value instanceof Uint8Array) return new Uint8Array(value) as T;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, copied(part)]),
  ) as T;
}

/**
 * Reads a file's header and checks it against the limits.
 *
 * @throws {LimpidError} `too-many-bytes`, `too-many-pixels`, and what `readHeader()` throws.
 */
export function checkHeader(
  bytes: Uint8Array,
  limits: DecodeLimits,
): FileHeader {
  if (bytes.length > limits.maxBytes) {
    throw new LimpidError(
      "too-many-bytes",
      `The input has ${bytes.length} bytes, more than the limit of ${limits.maxBytes}; use a smaller file${RAISE_LIMIT.maxBytes}.`,
    );
  }
  const header = readHeader(bytes);
  const { format, width, height } = header.info;
  if (width * height > limits.maxPixels) {
    throw new LimpidError(
      "too-many-pixels",
      `The ${
        FORMATS[format].name
      } says it is ${width}x${height}, more than the limit of ${limits.maxPixels} pixels; make it smaller${RAISE_LIMIT.maxPixels}.`,
    );
  }
  return header;
}

async function decodePixels(
  bytes: Uint8Array,
  info: ImageInfo,
): Promise<DecodedPixels> {
  try {
    return await DECODERS[info.format].decode(bytes, info);
  } catch (error) {
    if (isOutOfMemory(error)) throw outOfMemory(error);
    const reason = error instanceof Error ? ` (${error.message})` : "";
    throw asLimpidError(
      error,
      "corrupt-image",
      `The ${
        FORMATS[info.format].name
      } is damaged or truncated: its pixels cannot be decoded${reason}.`,
    );
  }
}
