/** Reads the first image's header in a TIFF file (Adobe, revision 6.0). */
import { foundMetadata } from "../found_metadata.ts";
import { LimpidError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import type { FileHeader, Orientation } from "../header.ts";
import {
  CMYK,
  coloursOf,
  isDeepTiff,
  MIN_IS_BLACK,
  MIN_IS_WHITE,
} from "./deep_kind.ts";
import { exifOf } from "./exif.ts";
import { iptcOf } from "./iptc.ts";
import { damaged, directoriesOf, isLittleEndian, TAG } from "./directory.ts";

/** Kinds of L*a*b* that come out as other colours: of ICC and of ITU. */
const OTHER_LAB = [9, 10];
/** Kinds of samples, of planes, and of channels beside colours. */
const SIGNED = 2, SEPARATE = 2, UNSPECIFIED = 0;
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
/** Most channels beside colours, such as alpha and selections: ImageMagick keeps each of them, and takes as long for each. */
const MOST_EXTRA = 3;
/** Most bytes of a tile, unless its image has as many: libtiff makes room for one. */
const MOST_TILE = 2 ** 28;

/** @throws {LimpidError} `corrupt-image`; `unsupported-format` for BigTIFF and raw camera files */
export function readTiffHeader(bytes: Uint8Array): FileHeader {
  const view = viewOf(bytes);
  if (bytes.length < 8) throw damaged("it ends in its header");
  const little = isLittleEndian(bytes);
  if (view.getUint16(2, little) !== 42) {
    throw notRead(
      "The TIFF is a BigTIFF, which is not read; save it as TIFF or PNG.",
    );
  }
  // The signature of Canon's raw files, "CR".
  if (bytes.length >= 10 && view.getUint16(8) === 0x4352) throw raw();
  const directories = directoriesOf(bytes);
  const first = directories[0];
  if (first === undefined) throw damaged("it has no image");
  const number = (tag: number, otherwise: number): number =>
    first.number(tag) ?? otherwise;
  const photometric = number(TAG.PHOTOMETRIC, -1);
  const compression = number(TAG.COMPRESSION, 1);
  const isRaw = first.number(TAG.DNG) !== null ||
    [CFA, LINEAR_RAW].includes(photometric);
  if (isRaw) throw raw();
  if (!COMPRESSIONS.has(compression)) {
    throw notRead(
      `The TIFF is compressed in a way that is not read (${compression}); save it as PNG, or as TIFF with LZW or Deflate.`,
    );
  }
  const width = number(TAG.WIDTH, 0), height = number(TAG.HEIGHT, 0);
  const samples = number(TAG.SAMPLES, 1);
  const pixelBytes = samples * Math.ceil(number(TAG.BITS, 1) / 8);
  const tile = number(TAG.TILE_WIDTH, 0) * number(TAG.TILE_HEIGHT, 0);
  // Numbers of types that only libtiff takes would be missed here.
  const isMissed = [TAG.WIDTH, TAG.HEIGHT, TAG.TILE_WIDTH, TAG.TILE_HEIGHT]
    .some((tag) => first.entry(tag) !== null && first.number(tag) === null);
  if (
    isMissed ||
    tile * pixelBytes > Math.max(MOST_TILE, 4 * width * height * pixelBytes)
  ) throw damaged("its tiles are far larger than its image");
  const colours = coloursOf(photometric);
  const extras = first.numbers(TAG.EXTRA, samples - colours) ?? [];
  const isSigned = first.number(TAG.SAMPLE_FORMAT) === SIGNED;
  const isApart = samples > colours && colours === 1 &&
    number(TAG.PLANAR, 1) === SEPARATE;
  if (
    isSigned || isApart || (extras[0] === UNSPECIFIED && extras.some(isAlpha))
  ) {
    throw notRead(
      `The TIFF has ${
        isSigned
          ? "signed numbers"
          : isApart
          ? "grey and another channel in planes of their own"
          : "its transparency after another channel"
      }, which is not read; save it as PNG, or as a flat TIFF.`,
    );
  }
  if (OTHER_LAB.includes(photometric)) {
    throw notRead(
      "The TIFF has L*a*b* colours of a kind that is not read; save it in RGB.",
    );
  }
  const exif = exifOf(bytes);
  const photoshop = iptcOf(first);
  const depth = number(TAG.BITS, 1);
  const orientation = number(TAG.ORIENTATION, 1);
  const grey = [MIN_IS_WHITE, MIN_IS_BLACK].includes(photometric);
  if (samples > colours + MOST_EXTRA) {
    throw notRead(
      `The TIFF has ${samples} channels, of which ${colours} are colours; flatten it, and save it with at most ${MOST_EXTRA} more.`,
    );
  }
  return {
    info: {
      format: "tiff",
      width,
      height,
      orientation:
        (orientation >= 1 && orientation <= 8 ? orientation : 1) as Orientation,
      bitDepth: depth,
      ...(isDeepTiff(first) && { deep: true }),
      hasAlpha: samples > colours,
      grey,
      cmyk: photometric === CMYK,
      lossless: compression !== JPEG,
    },
    metadata: foundMetadata({ exif, photoshop }),
    warnings: [],
    left: [
      ...directories.length > 1
        ? [
          `The TIFF has ${directories.length} images; only the first is read.`,
        ]
        : [],
      ...photometric === CMYK && extras.some(isAlpha)
        ? ["The TIFF's transparency is left out, as it has inks (CMYK)."]
        : [],
    ],
  };
}

/** Whether a channel beside colours is transparency, multiplied or not. */
function isAlpha(kind: number): boolean {
  return kind === 1 || kind === 2;
}

function notRead(message: string): LimpidError {
  return new LimpidError("unsupported-format", message);
}

function raw(): LimpidError {
  return notRead(
    "The input is a raw camera file, which is not read; develop it and save it as PNG, JPEG or TIFF.",
  );
}
