// deno-lint-ignore-file no-control-regex -- the first bytes of formats are such
import { LimpidError } from "../errors.ts";
import type { InputFormat } from "../types.ts";
import { textAt } from "./bytes.ts";
import { readGifHeader } from "./gif/header.ts";
import type { FileHeader, ImageInfo } from "./header.ts";
import { readJpegHeader } from "./jpeg/header.ts";
import { readPngHeader } from "./png/header.ts";
import { readWebpHeader } from "./webp/header.ts";

const READERS: Readonly<
  Record<InputFormat, (bytes: Uint8Array) => FileHeader>
> = {
  png: readPngHeader,
  jpeg: readJpegHeader,
  gif: readGifHeader,
  webp: readWebpHeader,
};

/** The formats that are read, by their first bytes (Latin-1). */
const READ: readonly (readonly [RegExp, InputFormat])[] = [
  [/^\x89PNG\r\n\x1a\n/, "png"],
  [/^\xff\xd8\xff/, "jpeg"],
  [/^GIF8[79]a/, "gif"],
  [/^RIFF[^]{4}WEBP/, "webp"],
];

/** Formats that are known but not read, by their first bytes (Latin-1). */
const NOT_READ: readonly (readonly [RegExp, string])[] = [
  [/^(II[*+]\0|MM\0[*+])/, "TIFF (and raw camera files made of it)"],
  [/^[^]{4}ftypavi[fs]/, "AVIF"],
  [/^[^]{4}ftyp(hei|hev|mif1|msf1)/, "HEIC"],
  [/^[^]{4}ftypcrx/, "Canon CR3"],
  [/^BM[^]{4}\0\0\0\0/, "BMP"],
  [/^\0\0\x01\0[^\0]\0/, "ICO"],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, "JPEG XL"],
  [/^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/, "JPEG 2000"],
  [/^8BPS/, "Photoshop"],
  [/^(\xef\xbb\xbf)?\s*(<svg|<\?xml[^]*<svg|<!--[^]*<svg)/, "SVG"],
];

/** How far to look for what an unread format is. */
const MAGIC_BYTES = 512;

/**
 * What an image is, from its first bytes and its header; no pixel is decoded
 * and nothing is allocated that the header asks for.
 *
 * @param bytes A whole PNG, JPEG, GIF or WebP file.
 * @throws {LimpidError} `empty-input`, `not-an-image`, `unsupported-format`
 * (TIFF, AVIF, HEIC, BMP, SVG, ... each named) or `corrupt-image` (truncated,
 * wrong checksum, no pixels, too many scans).
 *
 * @example
 * ```ts
 * import { probe } from "./probe.ts";
 * import { encode } from "./encode.ts";
 * import assert from "node:assert/strict";
 *
 * const white = { width: 2, height: 1, data: new Uint8Array(8).fill(255) };
 * const info = probe(await encode(white, { format: "png" }));
 * assert.equal(`${info.format} ${info.width}x${info.height}`, "png 2x1");
 * ```
 */
export function probe(bytes: Uint8Array): ImageInfo {
  return readHeader(bytes).info;
}

/** The format that a file's first bytes, 12 or more of them, promise; `null` for none that is read. */
export function formatOf(start: Uint8Array): InputFormat | null {
  const magic = textAt(start, 0, MAGIC_BYTES);
  return READ.find(([pattern]) => pattern.test(magic))?.[1] ?? null;
}

/** As {@linkcode probe}, with the metadata blocks as they are in the file. */
export function readHeader(bytes: Uint8Array): FileHeader {
  if (bytes.length === 0) {
    throw new LimpidError(
      "empty-input",
      "The input is empty: it has no bytes.",
    );
  }
  const format = formatOf(bytes);
  if (!format) throw notRead(textAt(bytes, 0, MAGIC_BYTES));

  const header = READERS[format](bytes);
  const { width, height } = header.info;
  if (width === 0 || height === 0) {
    throw new LimpidError(
      "corrupt-image",
      `The ${format} is damaged: its header says ${width}x${height} pixels.`,
    );
  }
  return header;
}

function notRead(magic: string): LimpidError {
  const name = NOT_READ.find(([pattern]) => pattern.test(magic))?.[1];
  return name
    ? new LimpidError(
      "unsupported-format",
      `The input is ${name}, which is not read; save it as PNG, JPEG, GIF or WebP.`,
    )
    : new LimpidError(
      "not-an-image",
      "The input is not an image that Limpid knows; it reads PNG, JPEG, GIF and WebP.",
    );
}
