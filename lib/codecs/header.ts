import type { InputFormat, Metadata } from "../types.ts";

/** EXIF orientation: 1 is upright, 2 to 8 are mirrored or turned. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What an image's header says; no pixel is decoded. */
export interface ImageInfo {
  readonly format: InputFormat;
  /** Pixels, as stored: before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Bits of one sample, or of one index where there is a palette. */
  readonly bitDepth: number;
  /** Whether all 16 bits of the samples can be read. Absent: no. */
  readonly deep?: boolean;
  /** Whether the file can hold pixels that are not opaque. */
  readonly hasAlpha: boolean;
  /** One channel, perhaps with alpha. */
  readonly grey: boolean;
  /** Whether the pixels are four inks, to be converted to RGB. */
  readonly cmyk: boolean;
  /** Whether the pixels are compressed without loss. */
  readonly lossless: boolean;
}

/** A header, and the metadata blocks of the file. */
export interface FileHeader {
  readonly info: ImageInfo;
  /** As in the file, unchanged. */
  readonly metadata: Metadata;
  /** Faults of the file that do not prevent decoding, as sentences. */
  readonly warnings: readonly string[];
  /** Parts of the file that are not read, as sentences. */
  readonly left: readonly string[];
}
