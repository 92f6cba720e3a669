import { foundMetadata } from "../found_metadata.ts";
import { inflateSync } from "node:zlib";
import { LimpidError } from "../../errors.ts";
import { startsWith, viewOf } from "../bytes.ts";
import { readOrientation, withoutExifPrefix } from "../exif.ts";
import { MAX_ICC_BYTES } from "../icc.ts";
import type { FileHeader, NamedBlock, Resolution } from "../header.ts";
import { iptcResource, keptResources } from "../photoshop.ts";
import { XMP_PREFIX } from "../jpeg/header.ts";
import { type PngChunk, pngChunks, printable } from "./chunks.ts";
import { keywordOf, TEXT_CHUNKS, textOf, XMP_KEYWORD } from "./text.ts";
import { rawProfileType, readRawProfile } from "./raw_profile.ts";
import { MAX_XMP_BYTES, readXmpOrientation } from "../xmp.ts";

/** Bit depths that each colour type allows (PNG specification, table 12). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const PALETTE = 3;
const ALPHA_BIT = 4;

/**
 * Reads all of a PNG but its pixels, and checks every checksum.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged or truncated.
 */
export function readPngHeader(bytes: Uint8Array): FileHeader {
  const chunks = pngChunks(bytes);
  const first = chunks.next().value;
  if (first?.type !== "IHDR" || first.data.length !== 13) {
    throw damaged("it does not start with its header chunk");
  }
  const header = viewOf(first.data);
  const bitDepth = header.getUint8(8);
  const colourType = header.getUint8(9);
  const interlace = header.getUint8(12);
  if (
    !DEPTHS[colourType]?.includes(bitDepth) || header.getUint8(10) !== 0 ||
    header.getUint8(11) !== 0 || interlace > 1
  ) {
    throw damaged("its header declares a pixel format that PNG does not have");
  }

  let data = false, palette = false, transparency = false, animated = false;
  const found: Found = { texts: [], colours: [], app1: 0 };
  let profiles = 0;
  const unread = new Set<string>();
  const warnings = new Set<string>();
  let parts = 0;
  for (const chunk of chunks) {
    if (!OF_PIXELS.has(chunk.type) && ++parts > MAX_PARTS) {
      throw damaged(`it has more than ${MAX_PARTS} parts beside its pixels`);
    }
    if (chunk.damaged) {
      warnings.add(
        `The checksum of the PNG's ${
          printable(chunk.type)
        } chunk is wrong; the chunk is left out.`,
      );
    } else if (chunk.type === "IDAT") data = true;
    else if (chunk.type === "PLTE") palette = true;
    else if (chunk.type === "tRNS") transparency = true;
    else if (chunk.type === "acTL") animated = true;
    else if (chunk.type === "iCCP") {
      // Only the first is inflated, even if that fails.
      if (profiles++ > 0) continue;
      found.icc = unpackProfile(chunk.data);
      if (found.icc === undefined) {
        unread.add(
          `The PNG's colour profile is left out: it is damaged, or longer than ${
            MAX_ICC_BYTES / 2 ** 20
          } MB.`,
        );
      }
    } else readMetadata(chunk, found, unread);
  }
  if (!data) throw damaged("it holds no pixels");
  if (colourType === PALETTE && !palette) {
    throw damaged("its palette is missing");
  }

  const { app1: _, ...metadata } = found;
  const { exif, xmp } = metadata;
  if (animated) {
    unread.add("The PNG is animated; only its still image is read.");
  }
  return {
    info: {
      format: "png",
      width: header.getUint32(0),
      height: header.getUint32(4),
      orientation: readOrientation(exif) ?? readXmpOrientation(xmp) ?? 1,
      bitDepth,
      ...(bitDepth === 16 && { deep: true }),
      hasAlpha: transparency || (colourType & ALPHA_BIT) !== 0,
      grey: (colourType & ~ALPHA_BIT) === 0,
      cmyk: false,
      lossless: true,
    },
    metadata: foundMetadata(metadata),
    left: [...unread].slice(0, MOST_UNREAD),
    warnings: [...warnings].slice(0, MOST_UNREAD),
  };
}

/** Metadata as it is found. */
interface Found {
  icc?: Uint8Array | undefined;
  exif?: Uint8Array | undefined;
  xmp?: Uint8Array | undefined;
  photoshop?: Uint8Array | undefined;
  readonly texts: NamedBlock[];
  readonly colours: NamedBlock[];
  /** How many segments of JPEG were found. */
  app1: number;
  resolution?: Resolution | undefined;
}

/** Most parts that are reported as left out. */
const MOST_UNREAD = 8;
/** Chunks that define the colour space. */
const COLOURS = new Set(["cICP", "sRGB", "gAMA", "cHRM", "mDCV", "cLLI"]);
/** Chunks that describe the old pixels or their storage: they are dropped. */
const OF_NO_USE = new Set(
  ["bKGD", "hIST", "sBIT", "sPLT", "tIME", "fcTL", "fdAT", "iDOT", "IEND"],
);
/** Chunks of pixels, whose number is not limited here. */
const OF_PIXELS = new Set(["IDAT", "fcTL", "fdAT"]);
/** Most chunks of other types. */
const MAX_PARTS = 10_000;
/** Longest text that is inflated; a raw profile has two digits for a byte. */
const MAX_TEXT_BYTES = 4 * MAX_XMP_BYTES;

/** Reads the metadata in a chunk. */
function readMetadata(
  { type, data }: PngChunk,
  found: Found,
  unread: Set<string>,
): void {
  if (COLOURS.has(type)) {
    // The first of each type counts.
    if (found.colours.some((chunk) => chunk.type === type)) return;
    found.colours.push({ type, data });
  } else if (type === "eXIf") found.exif = withoutExifPrefix(data);
  else if (type === "pHYs") found.resolution ??= readResolution(data);
  else if (TEXT_CHUNKS.has(type)) readText({ type, data }, found, unread);
  else if (!OF_NO_USE.has(type) && /^[A-Za-z]{4}$/.test(type)) {
    unread.add(`A part of the PNG is left out: its chunk ${type}.`);
  }
}

/** Reads a text, or the metadata block that it holds. */
function readText(
  chunk: NamedBlock,
  found: Found,
  unread: Set<string>,
): void {
  const keyword = keywordOf(chunk);
  const type = keyword === XMP_KEYWORD ? "XMP" : rawProfileType(keyword);
  if (type === null) {
    found.texts.push(chunk);
    return;
  }
  // Only the first of each kind is inflated.
  const once = <K extends "exif" | "xmp" | "photoshop" | "icc">(
    key: K,
    read: (bytes: Uint8Array) => Uint8Array | undefined = (bytes) => bytes,
  ): void => {
    if (key in found) return;
    const bytes = unpacked();
    found[key] = bytes && read(bytes);
    if (found[key] === undefined) leave();
  };
  const unpacked = (): Uint8Array | undefined => {
    if (type === "XMP") return textOf(chunk, MAX_XMP_BYTES);
    const text = textOf(chunk, MAX_TEXT_BYTES);
    return text && readRawProfile(text);
  };
  const leave = (): void => {
    unread.add(
      `A part of the PNG is left out: its text ${
        keyword.replace(/[^ -~]/g, "?")
      }.`,
    );
  };
  switch (type) {
    case "XMP":
    case "xmp":
      return once("xmp");
    case "exif":
      return once("exif", withoutExifPrefix);
    case "app1": {
      // As in JPEG: EXIF or XMP. No more are inflated.
      if (found.app1++ >= 2) return;
      const bytes = unpacked();
      if (bytes === undefined) return leave();
      if (startsWith(bytes, XMP_PREFIX)) {
        found.xmp ??= bytes.subarray(XMP_PREFIX.length);
      } else found.exif ??= withoutExifPrefix(bytes);
      return;
    }
    case "iptc":
    case "8bim":
      return once("photoshop", (bytes) =>
        keptResources(
          startsWith(bytes, "8BIM") ? bytes : iptcResource(bytes),
        ));
    case "icc":
    case "icm":
      return once("icc");
    default:
      return leave();
  }
}

/** The resolution in a pHYs chunk; `undefined` where it gives none. */
function readResolution(data: Uint8Array): Resolution | undefined {
  if (data.length !== 9) return undefined;
  const view = viewOf(data);
  const x = view.getUint32(0);
  const y = view.getUint32(4);
  const unit = data[8] === 1 ? "metre" : "none";
  if (x === 0 || y === 0 || (unit === "none" && x === y)) return undefined;
  return { x, y, unit };
}

/**
 * The profile in an iCCP chunk (name, 0, method 0, zlib data). A profile that
 * is damaged or longer than the limit is left out, as in browsers; the image is
 * read all the same.
 */
function unpackProfile(data: Uint8Array): Uint8Array | undefined {
  const nameEnd = data.subarray(0, 80).indexOf(0);
  if (nameEnd < 1 || data[nameEnd + 1] !== 0) return undefined;
  try {
    // The limit stops inflation itself, so a bomb does not unfold.
    return new Uint8Array(
      inflateSync(data.subarray(nameEnd + 2), {
        maxOutputLength: MAX_ICC_BYTES,
      }),
    );
  } catch {
    return undefined;
  }
}

function damaged(how: string): LimpidError {
  return new LimpidError("corrupt-image", `The PNG is damaged: ${how}.`);
}
