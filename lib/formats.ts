// deno-lint-ignore-file no-control-regex -- the first bytes of formats are such
/** The image formats: a row for each, with what is used outside its codec. */
import { extname } from "node:path";
import { LimpidError } from "./errors.ts";

/** A format that can be written. */
export type OutputFormat = "png" | "jpeg" | "webp" | "avif" | "tiff";
/** A format that can be read. */
export type InputFormat =
  | OutputFormat
  | "gif"
  | "bmp"
  | "heic";

/** Properties of a format. */
export interface Format {
  /** Name for messages. */
  readonly name: string;
  readonly mediaType: string;
  /** File name extensions in lower case; written files get the first. */
  readonly extensions: readonly [string, ...string[]];
  /** Matches the first bytes of a file, as Latin-1. */
  readonly magic: RegExp;
  /** `null` for a format that is only read. */
  readonly written: Written | null;
  /** Default output format for images of this format. */
  readonly writtenAs: OutputFormat;
}

/** How a format is written. */
export interface Written {
  /** Longest side in pixels. */
  readonly maxSide: number;
  /** Most pixels of an image. */
  readonly maxPixels: number;
  /** Most bits of a channel. */
  readonly depth: 8 | 16;
  /** Whether a file can have one channel. */
  readonly grey: boolean;
  /** Whether quality can be `lossless`; `null` where there is no quality. */
  readonly lossless: boolean | null;
}

/** A format that can be written, too. */
export interface WrittenFormat extends Format {
  readonly written: Written;
}

/**
 * The formats that are read; those that are also written come first.
 * `codecs/table.ts` has their codecs.
 */
export const FORMATS: Readonly<
  & Record<OutputFormat, WrittenFormat>
  & Record<InputFormat, Format>
> = {
  png: {
    name: "PNG",
    mediaType: "image/png",
    extensions: [".png"],
    magic: /^\x89PNG\r\n\x1a\n/,
    written: {
      maxSide: 2 ** 31 - 1,
      maxPixels: Infinity,
      depth: 16,
      grey: true,
      lossless: null,
    },
    writtenAs: "png",
  },
  jpeg: {
    name: "JPEG",
    mediaType: "image/jpeg",
    extensions: [".jpg", ".jpeg", ".jpe", ".jfif"],
    magic: /^\xff\xd8\xff/,
    written: {
      maxSide: 65500,
      maxPixels: Infinity,
      depth: 8,
      grey: true,
      lossless: false,
    },
    writtenAs: "jpeg",
  },
  webp: {
    name: "WebP",
    mediaType: "image/webp",
    extensions: [".webp"],
    magic: /^RIFF[^]{4}WEBP/,
    written: {
      maxSide: 16383,
      maxPixels: Infinity,
      depth: 8,
      grey: false,
      lossless: true,
    },
    writtenAs: "webp",
  },
  avif: {
    name: "AVIF",
    mediaType: "image/avif",
    extensions: [".avif"],
    magic: /^[^]{4}ftypavi[fs]/,
    // The largest picture of AV1's levels 6.0 to 6.2; more need not be shown anywhere.
    written: {
      maxSide: 16384,
      maxPixels: 35651584,
      depth: 8,
      grey: false,
      lossless: false,
    },
    writtenAs: "avif",
  },
  tiff: {
    name: "TIFF",
    mediaType: "image/tiff",
    extensions: [".tif", ".tiff"],
    magic: /^(II[*+]\0|MM\0[*+])/,
    // Offsets have 32 bits; so many pixels of 16 bits take half of what they reach.
    written: {
      maxSide: 2 ** 31 - 1,
      maxPixels: 2 ** 28,
      depth: 16,
      grey: true,
      lossless: null,
    },
    // Where nothing else is asked for, what every program shows.
    writtenAs: "png",
  },
  gif: {
    name: "GIF",
    mediaType: "image/gif",
    extensions: [".gif"],
    magic: /^GIF8[79]a/,
    written: null,
    writtenAs: "png",
  },
  bmp: {
    name: "BMP",
    mediaType: "image/bmp",
    extensions: [".bmp", ".dib"],
    magic: /^BM[^]{4}\0\0\0\0/,
    written: null,
    writtenAs: "png",
  },
  heic: {
    name: "HEIC",
    mediaType: "image/heic",
    extensions: [".heic", ".heif"],
    magic: /^[^]{4}ftyp(hei|hev|mif1|msf1)/,
    written: null,
    writtenAs: "jpeg",
  },
};

/** The formats that can be read. */
export const INPUT_FORMATS: readonly InputFormat[] = Object.keys(
  FORMATS,
) as readonly InputFormat[];

/** The formats that can be written. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = INPUT_FORMATS.filter(
  isWritten,
);

/** Formats that are not read, but named in messages. */
const UNREAD: readonly Pick<Format, "name" | "magic">[] = [
  { name: "Canon CR3", magic: /^[^]{4}ftypcrx/ },
  { name: "ICO", magic: /^\0\0\x01\0[^\0]\0/ },
  { name: "JPEG XL", magic: /^(\xff\x0a|\0\0\0\x0cJXL )/ },
  { name: "JPEG 2000", magic: /^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/ },
  { name: "Photoshop", magic: /^8BPS/ },
  {
    name: "SVG",
    magic: /^(\xef\xbb\xbf)?\s*(<svg|<\?xml[^]*<svg|<!--[^]*<svg)/,
  },
];

/** Extensions of images that are not read: they are reported, not skipped. */
const UNREAD_EXTENSIONS: readonly string[] = [
  ".jxl",
];

/** Bytes of a file that are searched for its format. */
const MAGIC_BYTES = 512;

/** Whether a format can be written. */
function isWritten(format: InputFormat): format is OutputFormat {
  return FORMATS[format].written !== null;
}

/** The format by a file's first 12 bytes or more; `null` if it is not read. */
export function formatOf(start: Uint8Array): InputFormat | null {
  const magic = latin1Start(start);
  return INPUT_FORMATS.find((format) => FORMATS[format].magic.test(magic)) ??
    null;
}

/** The name of a known, unread format by a file's first bytes; else `null`. */
export function unreadFormatOf(start: Uint8Array): string | null {
  const magic = latin1Start(start);
  return UNREAD.find((format) => format.magic.test(magic))?.name ?? null;
}

/**
 * The format by a file name's extension; `unread` for a known format that is
 * not read, `null` for other files.
 */
export function formatOfExtension(
  extension: string,
): InputFormat | "unread" | null {
  const lower = extension.toLowerCase();
  return INPUT_FORMATS.find((format) =>
    FORMATS[format].extensions.includes(lower)
  ) ?? (UNREAD_EXTENSIONS.includes(lower) ? "unread" : null);
}

/**
 * Default output format: the input's own where it can be written, else that of
 * {@linkcode Format.writtenAs}; PNG for raw pixels (`null`).
 */
export function ownFormat(format: InputFormat | null): OutputFormat {
  return format === null ? "png" : FORMATS[format].writtenAs;
}

/** The names of formats as text: "PNG, JPEG, WebP and GIF". */
export function formatNames(
  formats: readonly InputFormat[],
  conjunction: "and" | "or",
): string {
  const names = formats.map((format) => FORMATS[format].name);
  const last = names.pop()!;
  return names.length > 0 ? `${names.join(", ")} ${conjunction} ${last}` : last;
}

function latin1Start(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, MAGIC_BYTES));
}

/**
 * The format of a file: the one that is asked for, else what its name promises;
 * `null` where neither says.
 *
 * @param label What messages call the file.
 * @throws {LimpidError} `invalid-option` where the two differ, and where what the name promises cannot be written
 */
export function promisedFormat(
  file: string,
  asked: OutputFormat | null,
  label: string,
): OutputFormat | null {
  const extension = extname(file);
  const format = formatOfExtension(extension);
  if (extension === "" || (format === null && asked !== null)) return asked;
  if (format === null || format === "unread" || !isWritten(format)) {
    const written = OUTPUT_FORMATS.map((each) => FORMATS[each].extensions[0]);
    throw new LimpidError(
      "invalid-option",
      `${label} names no format that is written; use one of ${
        written.join(", ")
      }.`,
    );
  }
  if (asked === null || asked === format) return format;
  throw new LimpidError(
    "invalid-option",
    `${label} ends like a ${FORMATS[format].name} file, but the format is ${
      FORMATS[asked].name
    }; make them agree.`,
  );
}
