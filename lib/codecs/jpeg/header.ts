import { foundMetadata } from "../found_metadata.ts";
import { LimpidError } from "../../errors.ts";
import { concat, startsWith, textAt, viewOf } from "../bytes.ts";
import { EXIF_PREFIX, readOrientation, withoutExifPrefix } from "../exif.ts";
import { keptResources, PHOTOSHOP_PREFIX } from "../photoshop.ts";
import { announcesGainMap, readXmpOrientation } from "../xmp.ts";
import { MAX_ICC_BYTES } from "../icc.ts";
import type { FileHeader, Resolution } from "../header.ts";

/**
 * Most scans that a progressive JPEG may have; other JPEGs have at most one for
 * each component (ITU-T T.81, section A.2). Every scan costs a pass over all
 * pixels, for a few bytes of file. Real progressive files have about ten; no
 * encoder writes over 64.
 */
const MAX_JPEG_SCANS = 100;

/**
 * Most samples in all scans of a progressive JPEG together, about ten seconds
 * of decoding. An image of 50 megapixels in ordinary scans has a third of that.
 */
const MAX_SCANNED_SAMPLES = 2e9;
/** How often all samples of a larger image may be scanned: how large it may be is another matter. */
const MAX_PASSES = 10;
/** Most segments of a JPEG; a profile and further images need a few hundred. */
const MAX_JPEG_SEGMENTS = 20_000;

/** Longest content of a segment: 16 bits of length, less its own 2 bytes. */
export const MAX_JPEG_SEGMENT = 0xffff - 2;
/** Most segments that a profile can be split into. */
export const MAX_ICC_PIECES = 255;

/** Prefix of an XMP packet in APP1. */
export const XMP_PREFIX = "http://ns.adobe.com/xap/1.0/\0";
/** Prefix of a part of extended XMP in APP1. */
const XMP_PART_PREFIX = "http://ns.adobe.com/xmp/extension/\0";
/** Prefix of the list of a file's images in APP2 (CIPA DC-007). */
const IMAGES_PREFIX = "MPF\0";
/** Prefix of a gain map's description in APP2 (ISO 21496-1). */
const GAIN_MAP_PREFIX = "urn:iso:std:iso:ts:21496:-1\0";
/** Prefix of a piece of an ICC profile in APP2; its number and count follow. */
export const ICC_PREFIX = "ICC_PROFILE\0";

/** Marker codes (ITU-T T.81, table B.1), without the 0xff before them. */
export const MARKER = {
  SOF0: 0xc0,
  SOF1: 0xc1,
  SOF2: 0xc2,
  DHT: 0xc4,
  JPG: 0xc8,
  DAC: 0xcc,
  SOF15: 0xcf,
  RST0: 0xd0,
  RST7: 0xd7,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  APP0: 0xe0,
  APP1: 0xe1,
  APP2: 0xe2,
  APP13: 0xed,
  APP14: 0xee,
  APP15: 0xef,
  COM: 0xfe,
} as const;

interface Component {
  /** The component's identifier in the file. */
  readonly id: number;
  /** Number of its samples in the image. */
  readonly samples: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  readonly progressive: boolean;
}

/**
 * Reads all of a JPEG but its pixels, from its first byte to its end marker.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged, truncated
 * before its last scan, or has too many scans; `unsupported-format` for
 * lossless, hierarchical, arithmetic-coded and 12-bit JPEG.
 */
export function readJpegHeader(bytes: Uint8Array): FileHeader {
  let frame: Frame | undefined;
  const found: Found = { photoshop: [], xmpParts: [], comments: [] };
  const unread = new Set<string>();
  let scans = 0;
  let end = bytes.length;
  let ended = false;
  let seen: SeenPixels | undefined;
  const profile = new Map<number, Uint8Array>();

  let segments = 0;
  for (const { code, at, data } of jpegSegments(bytes)) {
    if (++segments > MAX_JPEG_SEGMENTS) {
      throw damaged(`it has more than ${MAX_JPEG_SEGMENTS} segments`);
    }
    if (isFrame(code)) {
      if (frame) throw damaged("it declares its size twice");
      frame = readFrame(code, data);
      seen = new SeenPixels(frame);
    } else if (code === MARKER.SOS) {
      if (!frame) throw damaged("its pixels come before its size");
      const most = frame.progressive ? MAX_JPEG_SCANS : frame.components.length;
      if (++scans > most) throw damaged(`it has more than ${most} scans`);
      if (seen!.add(data) > seen!.most) {
        throw damaged(`its ${scans} scans would take too long`);
      }
    } else if (code === MARKER.EOI) {
      ended = true;
      end = at + 2;
    } else if (code === MARKER.APP2 && startsWith(data, ICC_PREFIX)) {
      profile.set(data[12] ?? 0, data.subarray(14));
    } else if (code >= MARKER.APP0) {
      readMetadata(code, data, found, unread);
    }
  }
  if (!frame || scans === 0) {
    throw ended ? damaged("it holds no image") : truncated(bytes);
  }
  // Without end marker, the scans' headers tell whether all pixels are there.
  if (!ended && !seen!.complete) throw truncated(bytes);
  if (!seen!.everyComponent) {
    throw damaged("a colour component has no pixels");
  }

  const icc = joinProfile(profile);
  const { exif, xmp } = found;
  const photoshop = keptResources(concat(found.photoshop));
  return {
    info: {
      format: "jpeg",
      width: frame.width,
      height: frame.height,
      orientation: readOrientation(exif) ?? readXmpOrientation(xmp) ?? 1,
      bitDepth: 8,
      hasAlpha: false,
      grey: frame.components.length === 1,
      cmyk: frame.components.length === 4,
      lossless: false,
    },
    metadata: foundMetadata({ ...found, icc, photoshop }),
    left: notRead(unread, xmp, bytes.subarray(end)),
    warnings: ended
      ? []
      : ["The JPEG lacks its end marker; its pixels are all there."],
  };
}

/** Metadata as it is found. */
interface Found {
  exif?: Uint8Array;
  xmp?: Uint8Array;
  readonly xmpParts: Uint8Array[];
  readonly photoshop: Uint8Array[];
  readonly comments: Uint8Array[];
  resolution?: Resolution;
}

/** Reads the metadata in a segment. */
function readMetadata(
  code: number,
  data: Uint8Array,
  found: Found,
  unread: Set<string>,
): void {
  if (code === MARKER.COM) found.comments.push(data);
  else if (code === MARKER.APP0) {
    const resolution = readDensity(data);
    if (resolution !== undefined) found.resolution ??= resolution;
  } else if (code === MARKER.APP1 && startsWith(data, EXIF_PREFIX)) {
    found.exif ??= withoutExifPrefix(data);
  } else if (code === MARKER.APP1 && startsWith(data, XMP_PREFIX)) {
    found.xmp ??= data.subarray(XMP_PREFIX.length);
  } else if (code === MARKER.APP1 && startsWith(data, XMP_PART_PREFIX)) {
    found.xmpParts.push(data);
  } else if (code === MARKER.APP13 && startsWith(data, PHOTOSHOP_PREFIX)) {
    found.photoshop.push(data.subarray(PHOTOSHOP_PREFIX.length));
  } else if (code === MARKER.APP2 && startsWith(data, IMAGES_PREFIX)) {
    unread.add(IMAGES);
  } else if (code === MARKER.APP2 && startsWith(data, GAIN_MAP_PREFIX)) {
    unread.add(GAIN_MAP);
  } else if (code <= MARKER.APP15 && code !== MARKER.APP14) {
    const name = /^[\x21-\x7e]{2,40}/.exec(textAt(data, 0, 40))?.[0];
    const number = `APP${code - MARKER.APP0}`;
    unread.add(
      `A part of the JPEG is left out: ${number}${name ? ` (${name})` : ""}.`,
    );
  }
}

/** Most parts that are reported as left out. */
const MOST_UNREAD = 8;
const GAIN_MAP = "The JPEG's gain map (HDR) is left out.";
const IMAGES =
  "The JPEG holds further images (MPF), which are left out: only the first is read.";

/** Says what is left out of a file, as sentences. */
function notRead(
  unread: Set<string>,
  xmp: Uint8Array | undefined,
  after: Uint8Array,
): readonly string[] {
  if (xmp && announcesGainMap(xmp)) unread.add(GAIN_MAP);
  // Zeros are padding.
  const more = after.findIndex((byte) => byte !== 0);
  if (more >= 0 && !unread.has(IMAGES)) {
    unread.add(
      `What follows the JPEG's end is left out: ${after.length} bytes, perhaps a further image or a video.`,
    );
  }
  return [...unread].slice(0, MOST_UNREAD);
}

/** The resolution in a JFIF segment (JFIF 1.02); `undefined` for none. */
function readDensity(data: Uint8Array): Resolution | undefined {
  if (data.length < 12 || !startsWith(data, "JFIF\0")) return undefined;
  const unit = (["none", "inch", "centimetre"] as const)[data[7]!];
  const view = viewOf(data);
  const x = view.getUint16(8);
  const y = view.getUint16(10);
  if (unit === undefined || x === 0 || y === 0) return undefined;
  if (unit === "centimetre") return { x: 100 * x, y: 100 * y, unit: "metre" };
  // Square pixels are the default.
  return unit === "none" && x === y ? undefined : { x, y, unit };
}

/** Tracks which coefficients of each component the scans hold, to which bit. */
class SeenPixels {
  readonly #progressive: boolean;
  /** For each component: the lowest bit of each coefficient; 255 for none. */
  readonly #lowest: ReadonlyMap<number, Uint8Array>;
  readonly #samples: ReadonlyMap<number, number>;
  /** Most samples of all scans together. */
  readonly most: number;
  #scanned = 0;

  constructor({ components, progressive }: Frame) {
    this.#progressive = progressive;
    this.#lowest = new Map(
      components.map(({ id }) => [id, new Uint8Array(64).fill(255)]),
    );
    this.#samples = new Map(
      components.map(({ id, samples }) => [id, samples]),
    );
    const once = components.reduce((sum, { samples }) => sum + samples, 0);
    this.most = Math.max(MAX_SCANNED_SAMPLES, MAX_PASSES * once);
  }

  /**
   * Adds a scan by its header (ITU-T T.81, section B.2.3).
   *
   * @returns the number of samples in all scans so far
   */
  add(header: Uint8Array): number {
    const count = header[0] ?? 0;
    const [from, to, bits] = this.#progressive
      ? header.subarray(1 + 2 * count)
      : [0, 63, 0];
    for (let i = 0; i < count; i++) {
      const id = header[1 + 2 * i]!;
      this.#lowest.get(id)?.fill(bits! & 15, from, to! + 1);
      this.#scanned += this.#samples.get(id) ?? 0;
    }
    return this.#scanned;
  }

  /** Whether every component has some data. */
  get everyComponent(): boolean {
    return [...this.#lowest.values()].every(([mean]) => mean !== 255);
  }

  /** Whether every coefficient is there down to its lowest bit. */
  get complete(): boolean {
    return [...this.#lowest.values()].every((lowest) =>
      lowest.every((bit) => bit === 0)
    );
  }
}

/**
 * The marker segments of a JPEG up to and including its end marker, which may
 * be missing; entropy-coded data is skipped.
 */
export function* jpegSegments(
  bytes: Uint8Array,
): Generator<{ code: number; at: number; data: Uint8Array }> {
  const view = viewOf(bytes);
  let at = 2;
  while (true) {
    // Anything up to the next marker is entropy-coded data or stray bytes. 0xff
    // with a zero after it is such data, too, and may occur millions of times.
    while (bytes[at] !== 0xff || bytes[at + 1] === 0) {
      if (++at >= bytes.length) return;
    }
    if (at + 1 >= bytes.length) return;
    const code = bytes[at + 1]!;
    if (code === MARKER.EOI) {
      yield { code, at, data: bytes.subarray(at + 2, at + 2) };
      return;
    }
    if (code === 0xff) at += 1; // fill byte
    else if (hasNoLength(code)) at += 2;
    else {
      if (at + 4 > bytes.length) return;
      const end = at + 2 + view.getUint16(at + 2);
      if (end < at + 4 || end > bytes.length) return;
      yield { code, at, data: bytes.subarray(at + 4, end) };
      at = end;
    }
  }
}

/** TEM, a restart marker or a start of image. */
function hasNoLength(code: number): boolean {
  return code === 0x01 || (code >= MARKER.RST0 && code <= MARKER.SOI);
}

function isFrame(code: number): boolean {
  return code >= MARKER.SOF0 && code <= MARKER.SOF15 && code !== MARKER.DHT &&
    code !== MARKER.JPG && code !== MARKER.DAC;
}

function readFrame(code: number, data: Uint8Array): Frame {
  if (code > MARKER.SOF2) {
    throw new LimpidError(
      "unsupported-format",
      "Lossless, hierarchical and arithmetic-coded JPEG are not read; save the image as ordinary JPEG or PNG.",
    );
  }
  if (data.length < 6) throw damaged("its size is cut short");
  const view = viewOf(data);
  if (view.getUint8(0) !== 8) {
    throw new LimpidError(
      "unsupported-format",
      "JPEG of more than 8 bits a sample is not read; save the image as ordinary JPEG or 16-bit PNG.",
    );
  }
  const count = view.getUint8(5);
  if (count !== 1 && count !== 3 && count !== 4) {
    throw damaged(`it has ${count} colour components`);
  }
  if (data.length < 6 + 3 * count) throw damaged("its size is cut short");
  const height = view.getUint16(1);
  const width = view.getUint16(3);
  const sampling = Array.from({ length: count }, (_, i) => {
    const both = data[7 + 3 * i]!;
    return { x: both >> 4 || 1, y: both & 15 || 1 };
  });
  const across = Math.max(...sampling.map(({ x }) => x));
  const down = Math.max(...sampling.map(({ y }) => y));
  return {
    height,
    width,
    components: sampling.map(({ x, y }, i) => ({
      id: data[6 + 3 * i]!,
      samples: width * height * (x / across) * (y / down),
    })),
    progressive: code === MARKER.SOF2,
  };
}

/**
 * Joins the pieces of a profile (ICC.1:2022, annex B.4); `undefined` where one
 * is missing or the profile is too long.
 */
function joinProfile(
  pieces: ReadonlyMap<number, Uint8Array>,
): Uint8Array | undefined {
  const ordered: Uint8Array[] = [];
  for (let i = 1; i <= pieces.size; i++) {
    const piece = pieces.get(i);
    if (!piece) return undefined;
    ordered.push(piece);
  }
  const length = ordered.reduce((sum, piece) => sum + piece.length, 0);
  return length > 0 && length <= MAX_ICC_BYTES ? concat(ordered) : undefined;
}

function truncated(bytes: Uint8Array): LimpidError {
  return new LimpidError(
    "corrupt-image",
    `The JPEG is truncated: it ends after ${bytes.length} bytes without its end marker.`,
  );
}

function damaged(how: string): LimpidError {
  return new LimpidError("corrupt-image", `The JPEG is damaged: ${how}.`);
}
