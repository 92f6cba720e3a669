/** Reads the first image's header in a TIFF file (Adobe, revision 6.0). */
import { LimpidError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import type { FileHeader, Orientation } from "../header.ts";

const TAG = {
  SUBFILE: 254,
  WIDTH: 256,
  HEIGHT: 257,
  BITS: 258,
  COMPRESSION: 259,
  PHOTOMETRIC: 262,
  ORIENTATION: 274,
  SAMPLES: 277,
  EXTRA: 338,
  DNG: 50706,
} as const;

const MIN_IS_WHITE = 0, MIN_IS_BLACK = 1, PALETTE = 3, CMYK = 5;
/** Raw camera data. */
const CFA = 32803, LINEAR_RAW = 34892;
/** None, CCITT (2 to 4), LZW, JPEG, Deflate, PackBits, Deflate (old number). */
const COMPRESSIONS: ReadonlySet<number> = new Set([
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  32773,
  32946,
]);
const JPEG = 7;

/** Most images that a file may have. */
const MAX_IMAGES = 1000;
const ENTRY_BYTES = 12;
/** Bytes of a BYTE, SHORT or LONG; other types are not read here. */
const BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4 };

/** @throws {LimpidError} `corrupt-image`; `unsupported-format` for BigTIFF and raw camera files */
export function readTiffHeader(bytes: Uint8Array): FileHeader {
  const view = viewOf(bytes);
  if (bytes.length < 8) throw damaged("it ends in its header");
  const little = view.getUint16(0) === 0x4949;
  if (view.getUint16(2, little) !== 42) {
    throw notRead(
      "The TIFF is a BigTIFF, which is not read; save it as TIFF or PNG.",
    );
  }
  // The signature of Canon's raw files, "CR".
  if (bytes.length >= 10 && view.getUint16(8) === 0x4352) throw raw();
  const directories = directoriesOf(view, little);
  const first = directories[0];
  if (first === undefined) throw damaged("it has no image");
  const number = (tag: number, otherwise: number): number =>
    numberOf(view, little, first, tag) ?? otherwise;
  const photometric = number(TAG.PHOTOMETRIC, -1);
  const compression = number(TAG.COMPRESSION, 1);
  const isRaw = numberOf(view, little, first, TAG.DNG) !== null ||
    [CFA, LINEAR_RAW].includes(photometric);
  if (isRaw) throw raw();
  if (!COMPRESSIONS.has(compression)) {
    throw notRead(
      `The TIFF is compressed in a way that is not read (${compression}); save it as PNG, or as TIFF with LZW or Deflate.`,
    );
  }
  const samples = number(TAG.SAMPLES, 1);
  const depth = number(TAG.BITS, 1);
  const orientation = number(TAG.ORIENTATION, 1);
  const grey = [MIN_IS_WHITE, MIN_IS_BLACK].includes(photometric);
  const colours = grey || photometric === PALETTE
    ? 1
    : photometric === CMYK
    ? 4
    : 3;
  return {
    info: {
      format: "tiff",
      width: number(TAG.WIDTH, 0),
      height: number(TAG.HEIGHT, 0),
      orientation:
        (orientation >= 1 && orientation <= 8 ? orientation : 1) as Orientation,
      bitDepth: depth,
      hasAlpha: samples > colours,
      grey,
      cmyk: photometric === CMYK,
      lossless: compression !== JPEG,
    },
    metadata: {},
    warnings: depth > 8
      ? [`The TIFF has ${depth} bits a sample; 8 of them are read.`]
      : [],
    left: directories.length > 1
      ? [
        `The TIFF has ${directories.length} images; only the first is read.`,
      ]
      : [],
  };
}

/** The offsets of the directories of a file's images, each once. */
function directoriesOf(view: DataView, little: boolean): number[] {
  const seen = new Set<number>();
  let at = view.getUint32(4, little);
  while (at >= 8 && at + 2 <= view.byteLength && !seen.has(at)) {
    seen.add(at);
    if (seen.size > MAX_IMAGES) throw damaged("it has too many images");
    const next = at + 2 + ENTRY_BYTES * view.getUint16(at, little);
    if (next + 4 > view.byteLength) break;
    at = view.getUint32(next, little);
  }
  return [...seen];
}

/** The first number of an entry; `null` where it is missing or invalid. */
function numberOf(
  view: DataView,
  little: boolean,
  directory: number,
  tag: number,
): number | null {
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + ENTRY_BYTES * i;
    if (at + ENTRY_BYTES > view.byteLength) return null;
    if (view.getUint16(at, little) !== tag) continue;
    const size = BYTES[view.getUint16(at + 2, little)];
    if (size === undefined) return null;
    const values = view.getUint32(at + 4, little);
    const from = values * size <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (values === 0 || from + size > view.byteLength) return null;
    return size === 1
      ? view.getUint8(from)
      : size === 2
      ? view.getUint16(from, little)
      : view.getUint32(from, little);
  }
  return null;
}

function damaged(why: string): LimpidError {
  return new LimpidError("corrupt-image", `The TIFF is damaged: ${why}.`);
}

function notRead(message: string): LimpidError {
  return new LimpidError("unsupported-format", message);
}

function raw(): LimpidError {
  return notRead(
    "The input is a raw camera file, which is not read; develop it and save it as PNG, JPEG or TIFF.",
  );
}
