import type { InputFormat } from "../formats.ts";

/** Pixels per unit of length; without a unit, only their ratio counts. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
  readonly unit: "inch" | "metre" | "none";
}

/** A named part of a PNG file. */
export interface NamedBlock {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Metadata of an image; the output keeps what its format has a place for. */
export interface Metadata {
  /** ICC profile, as in the file. */
  readonly icc?: Uint8Array;
  /**
   * EXIF block (TIFF structure, no `Exif\0\0` prefix); orientation is reset to
   * 1 once applied.
   */
  readonly exif?: Uint8Array;
  /** XMP packet; orientation is reset to 1 once applied. */
  readonly xmp?: Uint8Array;
  /** Segments of JPEG's extended XMP, each as in the file. */
  readonly xmpParts?: readonly Uint8Array[];
  /** Photoshop's image resources, which hold IPTC; without thumbnails. */
  readonly photoshop?: Uint8Array;
  /** Comments of JPEG and GIF, as in the file. */
  readonly comments?: readonly Uint8Array[];
  /** Text chunks of PNG, as in the file. */
  readonly texts?: readonly NamedBlock[];
  /** PNG's colour chunks: `cICP`, `sRGB`, `gAMA`, `cHRM`, `mDCV`, `cLLI`; `cICP` of HEIC and AVIF too. */
  readonly colours?: readonly NamedBlock[];
  readonly resolution?: Resolution;
}

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
