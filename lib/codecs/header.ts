import type { InputFormat, Metadata } from "../types.ts";

/** EXIF orientation: 1 is upright, 2 to 8 are mirrored or turned. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What the header of an image says, before any pixel is decoded. */
export interface ImageInfo {
  readonly format: InputFormat;
  /** Pixels, as stored: before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Bits of one sample: 1, 2, 4, 8 or 16; of one index where there is a palette. */
  readonly bitDepth: number;
  /** Whether the file can hold pixels that are not opaque. */
  readonly hasAlpha: boolean;
  /** One channel, perhaps with alpha. */
  readonly grey: boolean;
  /** Four inks, to be converted to RGB (JPEG only). */
  readonly cmyk: boolean;
  /** Whether the pixels are stored exactly. */
  readonly lossless: boolean;
}

/** A header with the metadata blocks that were found on the way. */
export interface FileHeader {
  readonly info: ImageInfo;
  /** As in the file, nothing reset. */
  readonly metadata: Metadata;
  /** What is wrong with the file and does no harm, in sentences for people. */
  readonly warnings: readonly string[];
  /** What the file holds beside its image and is not read, in sentences for people. */
  readonly left: readonly string[];
}
