/** The codecs, a row for each format; `../formats.ts` describes the formats. */
import type { InputFormat, OutputFormat } from "../formats.ts";
import type { Quality } from "../types.ts";
import type { DecodedPixels } from "./decoded_pixels.ts";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import { readBmpHeader } from "./bmp/header.ts";
import { encodeAvif } from "./avif/encode.ts";
import { readHeifHeader } from "./heif/header.ts";
import { magickDecoder } from "./magick_decoder.ts";
import { decodeTiff } from "./tiff/decode.ts";
import { decodeDeepTiff } from "./tiff/decode_deep.ts";
import { encodeTiff } from "./tiff/encode.ts";
import { readTiffHeader } from "./tiff/header.ts";
import { decodeGif } from "./gif/decode.ts";
import { readGifHeader } from "./gif/header.ts";
import type { FileHeader, ImageInfo, Metadata } from "./header.ts";
import { decodeCmykJpeg, decodeJpeg } from "./jpeg/decode.ts";
import { encodeJpeg } from "./jpeg/encode.ts";
import { readJpegHeader } from "./jpeg/header.ts";
import { decodePng } from "./png/decode.ts";
import { decodeDeepPng } from "./png/decode_deep.ts";
import { encodePng } from "./png/encode.ts";
import { readPngHeader } from "./png/header.ts";
import type { Rows } from "./rows.ts";
import { decodeWebp } from "./webp/decode.ts";
import { encodeWebp } from "./webp/encode.ts";
import { readWebpHeader } from "./webp/header.ts";

/** Reads a format. */
interface Decoder {
  /** Decodes nothing, and allocates nothing of a size that the header gives. */
  readonly readHeader: (bytes: Uint8Array) => FileHeader;
  readonly decode: (
    bytes: Uint8Array,
    info: ImageInfo,
  ) => Promise<DecodedPixels>;
  /** Decodes a file whose info says that it is deep. */
  readonly decodeDeep?: (
    bytes: Uint8Array,
    info: ImageInfo,
  ) => Promise<DeepRaster>;
}

export const DECODERS: Readonly<Record<InputFormat, Decoder>> = {
  png: {
    readHeader: readPngHeader,
    decode: decodePng,
    decodeDeep: decodeDeepPng,
  },
  jpeg: {
    readHeader: readJpegHeader,
    decode: (bytes, { cmyk }) =>
      cmyk ? decodeCmykJpeg(bytes) : decodeJpeg(bytes),
  },
  gif: { readHeader: readGifHeader, decode: decodeGif },
  webp: { readHeader: readWebpHeader, decode: decodeWebp },
  bmp: { readHeader: readBmpHeader, decode: magickDecoder("BMP") },
  tiff: {
    readHeader: readTiffHeader,
    decode: decodeTiff,
    decodeDeep: decodeDeepTiff,
  },
  heic: { readHeader: readHeifHeader, decode: magickDecoder("HEIC") },
  avif: { readHeader: readHeifHeader, decode: magickDecoder("AVIF") },
};

/** Writes a format; the quality is one that `../formats.ts` allows for it. */
type Encoder = (
  rows: Rows,
  quality: Quality,
  metadata: Metadata,
  grey: boolean,
) => Promise<Uint8Array<ArrayBuffer>>;

export const ENCODERS: Readonly<Record<OutputFormat, Encoder>> = {
  png: (rows, _quality, metadata, grey) => encodePng(rows, metadata, grey),
  jpeg: (rows, quality, metadata, grey) =>
    encodeJpeg(rows, quality as number, metadata, grey),
  webp: (rows, quality, metadata) => encodeWebp(rows, quality, metadata),
  tiff: (rows, _quality, metadata, grey) => encodeTiff(rows, metadata, grey),
  avif: (rows, quality, metadata) =>
    encodeAvif(rows, quality as number, metadata),
};
