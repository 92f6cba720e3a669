/** Decides which metadata of an image each format can hold. */
import { foundMetadata } from "./found_metadata.ts";
import type { Metadata, NamedBlock } from "./header.ts";
import { FORMATS } from "../formats.ts";
import { startsWith } from "./bytes.ts";
import type { OutputFormat } from "../types.ts";
import { EXIF_PREFIX, resolutionExif, shortenedExif } from "./exif.ts";
import { profileSpace } from "./icc.ts";
import {
  ICC_PREFIX,
  MAX_ICC_PIECES,
  MAX_JPEG_SEGMENT,
  XMP_PREFIX,
} from "./jpeg/header.ts";
import {
  COMMENT_KEYWORD,
  keywordOf,
  latin1Text,
  textOf,
  utf8Text,
} from "./png/text.ts";
import { perInch } from "./resolution.ts";
import { withoutPadding } from "./xmp.ts";

/** What ImageMagick writes of EXIF, with its prefix, and of XMP. */
const MAX_AVIF_BLOCK = 65533;
/** Bytes without which there is no XMP. */
const LEAST_XMP = "<x:xmpmeta/>".length;

/** The metadata that is written, and what is left out. */
export interface Carried {
  readonly metadata: Metadata;
  /** What is left out, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * Whether an image of one channel is written so: the format must allow it, and
 * a profile must fit.
 */
export function isWrittenGrey(
  { icc }: Metadata,
  format: OutputFormat,
  grey: boolean,
): boolean {
  return grey && FORMATS[format].written.grey &&
    (icc === undefined || profileSpace(icc) !== "RGB");
}

/**
 * The part of the metadata that a format can hold.
 *
 * @param grey Whether the file came with one channel.
 */
export function carriedMetadata(
  metadata: Metadata,
  format: OutputFormat,
  grey: boolean,
): Carried {
  const { icc, ...rest } = metadata;
  const warnings: string[] = [];
  const space = icc && profileSpace(icc);
  const wanted = isWrittenGrey(metadata, format, grey) ? "GRAY" : "RGB";
  // A CMYK profile needs no warning: converting the inks to RGB gave one.
  if (icc && space !== wanted && space !== "CMYK") {
    warnings.push(
      space === "GRAY"
        ? `The grey colour profile is left out: ${
          FORMATS[format].written.grey
            ? "the file holds"
            : `${FORMATS[format].name} holds`
        } the image as RGB.`
        : "The colour profile is left out: it does not describe such pixels.",
    );
  }
  const carry = {
    png: forPng,
    jpeg: forJpeg,
    webp: forWebp,
    avif: forAvif,
    tiff: forTiff,
  }[format];
  const found = { ...rest, ...(icc && space === wanted && { icc }) };
  return { metadata: carry(found, warnings), warnings };
}

/** PNG can hold everything but JPEG's extended XMP. */
function forPng(metadata: Metadata, warnings: string[]): Metadata {
  const { comments, xmpParts, texts = [], ...rest } = metadata;
  if (xmpParts) warnings.push(leftOut("the extended XMP", "PNG"));
  const all = [...texts, ...(comments ?? []).map(commentText)];
  return foundMetadata({ ...rest, texts: all });
}

/** Most bytes of comments that are written to a JPEG. */
const MAX_COMMENT_BYTES = 2 ** 20;

/** JPEG's segments have limited length; it cannot hold PNG's colour chunks. */
function forJpeg(metadata: Metadata, warnings: string[]): Metadata {
  const { icc, exif: _, xmp: __, comments, texts, colours: ___, ...rest } =
    metadata;
  warnings.push(...colourWarnings(metadata, "JPEG"));
  const kept: { -readonly [K in keyof Metadata]?: Metadata[K] } = { ...rest };
  const mostIcc = MAX_ICC_PIECES * (MAX_JPEG_SEGMENT - ICC_PREFIX.length - 2);
  if (icc && icc.length > mostIcc) {
    warnings.push(leftOut(`the colour profile of ${icc.length} bytes`, "JPEG"));
  } else if (icc) kept.icc = icc;
  Object.assign(
    kept,
    boundedBlocks(metadata, "JPEG", {
      exif: MAX_JPEG_SEGMENT - EXIF_PREFIX.length,
      xmp: MAX_JPEG_SEGMENT - XMP_PREFIX.length,
    }, warnings),
  );
  const comment: Uint8Array[] = [];
  let room = MAX_COMMENT_BYTES;
  let tooLong = false;
  const add = (text: Uint8Array): void => {
    if (text.length <= Math.min(room, MAX_JPEG_SEGMENT)) {
      room -= text.length;
      comment.push(text);
      return;
    }
    tooLong = true;
    // No more are looked into.
    if (text.length <= MAX_JPEG_SEGMENT) room = 0;
  };
  for (const text of comments ?? []) add(text);
  const others: NamedBlock[] = [];
  for (const chunk of texts ?? []) {
    // Texts unfold to many times their size.
    const text = keywordOf(chunk) === COMMENT_KEYWORD && room > 0
      ? textOf(chunk, MAX_JPEG_SEGMENT)
      : undefined;
    if (text) add(text);
    else others.push(chunk);
  }
  warnings.push(...textWarnings(others, "JPEG"));
  if (tooLong) {
    warnings.push(
      leftOut("a comment of more than 64 kB, or beyond 1 MB of them", "JPEG"),
    );
  }
  return foundMetadata({ ...kept, comments: comment });
}

/** WebP can hold a profile, EXIF and XMP. */
function forWebp(metadata: Metadata, warnings: string[]): Metadata {
  return profilesOf(metadata, "WebP", warnings);
}

/** AVIF has a place for the same; what writes it takes EXIF and XMP of bounded length, and looks into them. */
function forAvif(metadata: Metadata, warnings: string[]): Metadata {
  const { icc, ...blocks } = profilesOf(metadata, "AVIF", warnings);
  const { exif, xmp } = boundedBlocks(blocks, "AVIF", {
    exif: MAX_AVIF_BLOCK - EXIF_PREFIX.length,
    xmp: MAX_AVIF_BLOCK,
  }, warnings);
  const isExif = exif && isTiffBlock(exif);
  if (exif && !isExif) warnings.push(damagedBlock("EXIF", "AVIF"));
  const isXmp = xmp && xmp.length >= LEAST_XMP;
  if (xmp && !isXmp) warnings.push(damagedBlock("XMP", "AVIF"));
  return foundMetadata({
    icc,
    exif: isExif ? exif : undefined,
    xmp: isXmp ? xmp : undefined,
  });
}

/** TIFF has a place for all of them, and for IPTC. */
function forTiff(
  { photoshop, resolution, ...metadata }: Metadata,
  warnings: string[],
): Metadata {
  const { exif, ...rest } = profilesOf(metadata, "TIFF", warnings);
  const isExif = exif && isTiffBlock(exif);
  if (exif && !isExif) warnings.push(damagedBlock("EXIF", "TIFF"));
  const kept = isExif ? exif : undefined;
  return foundMetadata({ ...rest, exif: kept, photoshop, resolution });
}

/** Profile, EXIF and XMP; what else there is is left out. */
function profilesOf(
  metadata: Metadata,
  format: string,
  warnings: string[],
): Metadata {
  const { icc, exif, xmp, xmpParts, photoshop, comments, texts } = metadata;
  warnings.push(...colourWarnings(metadata, format));
  if (xmpParts) warnings.push(leftOut("the extended XMP", format));
  if (photoshop) warnings.push(leftOut("the IPTC", format));
  if (comments) warnings.push(leftOut("the comment", format));
  warnings.push(...textWarnings(texts ?? [], format));
  const { x, y, unit } = perInch(
    metadata.resolution ?? { x: 0, y: 0, unit: "none" },
  );
  if (metadata.resolution?.unit === "none") {
    warnings.push(leftOut("the ratio of the pixels' sides", format));
  }
  // The resolution goes into EXIF; a file's own EXIF has it already.
  const block = exif ?? (unit === "inch" ? resolutionExif(x, y) : undefined);
  return foundMetadata({ icc, exif: block, xmp });
}

/** EXIF and XMP, the long ones shortened, the too long left out. */
function boundedBlocks(
  { exif, xmp }: Metadata,
  format: string,
  most: { readonly exif: number; readonly xmp: number },
  warnings: string[],
): Pick<Metadata, "exif" | "xmp"> {
  const kept: { exif?: Uint8Array; xmp?: Uint8Array } = {};
  if (exif && exif.length > most.exif) {
    const short = shortenedExif(exif, most.exif);
    warnings.push(
      short
        ? `The EXIF of ${exif.length} bytes is too long for ${format}: its longest entries and the camera maker's are left out.`
        : leftOut(`the EXIF of ${exif.length} bytes`, format),
    );
    if (short) kept.exif = short;
  } else if (exif) kept.exif = exif;
  if (xmp) {
    const packet = xmp.length > most.xmp ? withoutPadding(xmp) : xmp;
    if (packet.length <= most.xmp) kept.xmp = packet;
    else warnings.push(leftOut(`the XMP of ${xmp.length} bytes`, format));
  }
  return kept;
}

/** A comment as PNG has it: in UTF-8 where it is that, else in Latin-1. */
function commentText(comment: Uint8Array): NamedBlock {
  const isAscii = comment.every((byte) => byte < 0x80);
  if (!isAscii) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(comment);
      return utf8Text(COMMENT_KEYWORD, comment);
    } catch {
      // Latin-1, or an unknown encoding.
    }
  }
  return latin1Text(COMMENT_KEYWORD, comment);
}

/**
 * Warns where colour chunks describe other colours than sRGB, the default of
 * files without a profile.
 */
function colourWarnings(
  { colours = [], icc }: Metadata,
  format: string,
): string[] {
  // A profile takes precedence; sRGB is the default.
  if (icc || isSrgb(colours)) return [];
  const names = colours.map(({ type }) => type);
  if (names.length === 0) return [];
  return [
    `${
      leftOut(
        `the colour information (${names.join(", ")})`,
        format,
      )
    } Colours are shown as sRGB.`,
  ];
}

/**
 * Contents of chunks that are equivalent to sRGB (PNG specification, table 17;
 * ITU-T H.273).
 */
const SRGB_WORDS: Readonly<Record<string, string>> = {
  cICP: "010d0001",
  gAMA: "0000b18f",
  cHRM: "00007a26000080840000fa00000080e8000075300000ea6000003a9800001770",
};

function isSrgb(colours: readonly NamedBlock[]): boolean {
  // The first of these that is present decides.
  for (const type of ["cICP", "sRGB"]) {
    const chunk = colours.find((chunk) => chunk.type === type);
    if (chunk) {
      return type === "sRGB" || chunk.data.toHex() === SRGB_WORDS[type];
    }
  }
  return colours.every(({ type, data }) => data.toHex() === SRGB_WORDS[type]);
}

function textWarnings(texts: readonly NamedBlock[], format: string): string[] {
  if (texts.length === 0) return [];
  const names = texts.map((text) => keywordOf(text).replace(/[^ -~]/g, "?"));
  const few = names.slice(0, 5).join(", ");
  return [
    leftOut(`the text ${few}${names.length > 5 ? ", ..." : ""}`, format),
  ];
}

function isTiffBlock(exif: Uint8Array): boolean {
  return startsWith(exif, "II*\0") || startsWith(exif, "MM\0*");
}

function damagedBlock(name: string, format: string): string {
  return `The ${name} is left out: it is damaged, and ${format} cannot hold it in part.`;
}

function leftOut(what: string, format: string): string {
  return `${what[0]!.toUpperCase()}${
    what.slice(1)
  } is left out: ${format} has no place for it.`;
}
