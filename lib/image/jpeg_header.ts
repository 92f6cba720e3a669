import { LimpidError } from "../errors.ts";
import { concat, textAt, viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import { MAX_ICC_BYTES } from "./icc.ts";
import type { Header } from "./image_info.ts";

/**
 * Most scans a progressive JPEG may have; others have at most one for each of
 * their components (ITU-T T.81, section A.2). Every scan is another pass over
 * all pixels for a few bytes; real progressive files have about ten, no encoder
 * writes over 64.
 */
export const MAX_JPEG_SCANS = 100;

/** What precedes an EXIF block in APP1. */
export const EXIF_PREFIX = "Exif\0\0";
/** What precedes a piece of an ICC profile in APP2; its number and count follow. */
export const ICC_PREFIX = "ICC_PROFILE\0";

/** Marker codes (ITU-T T.81, table B.1), the 0xff before them left out. */
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
} as const;

interface Frame {
  readonly width: number;
  readonly height: number;
  /** How they are named in the file. */
  readonly components: readonly number[];
  readonly progressive: boolean;
}

/**
 * Reads all of a JPEG but its pixels, from its first byte to its end marker.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged, truncated within its header or before its last scan, or
 * has too many scans; `unsupported-format` for lossless, hierarchical,
 * arithmetic-coded and 12-bit JPEG.
 */
export function readJpegHeader(bytes: Uint8Array): Header {
  let frame: Frame | undefined;
  let exif: Uint8Array | undefined;
  let scans = 0;
  let ended = false;
  let seen: SeenPixels | undefined;
  const profile = new Map<number, Uint8Array>();

  for (const { code, data } of jpegSegments(bytes)) {
    if (isFrame(code)) {
      if (frame) throw damaged("it declares its size twice");
      frame = readFrame(code, data);
      seen = new SeenPixels(frame);
    } else if (code === MARKER.SOS) {
      if (!frame) throw damaged("its pixels come before its size");
      const most = frame.progressive ? MAX_JPEG_SCANS : frame.components.length;
      if (++scans > most) throw damaged(`it has more than ${most} scans`);
      seen!.add(data);
    } else if (code === MARKER.EOI) {
      ended = true;
    } else if (
      code === MARKER.APP1 && textAt(data, 0, 6) === EXIF_PREFIX
    ) {
      exif ??= data.subarray(6);
    } else if (
      code === MARKER.APP2 && textAt(data, 0, 12) === ICC_PREFIX
    ) {
      profile.set(data[12] ?? 0, data.subarray(14));
    }
  }
  if (!frame || scans === 0) {
    throw ended ? damaged("it holds no picture") : truncated(bytes);
  }
  // Without the end marker, whether all is there shows in what the scans give.
  if (!ended && !seen!.complete) throw truncated(bytes);
  if (!seen!.everyComponent) {
    throw damaged("a colour component has no pixels");
  }

  const icc = joinProfile(profile);
  return {
    info: {
      format: "jpeg",
      width: frame.width,
      height: frame.height,
      orientation: readOrientation(exif),
      bitDepth: 8,
      hasAlpha: false,
      grey: frame.components.length === 1,
      cmyk: frame.components.length === 4,
      progressive: frame.progressive,
      animated: false,
    },
    metadata: { ...(icc && { icc }), ...(exif && { exif }) },
    warnings: ended
      ? []
      : ["The JPEG lacks its end marker; its pixels are all there."],
  };
}

/** Which coefficients of which components the scans of a file give, down to which bit. */
class SeenPixels {
  readonly #progressive: boolean;
  /** For each component, the lowest bit that was given of each coefficient; 255 is none. */
  readonly #lowest: ReadonlyMap<number, Uint8Array>;

  constructor({ components, progressive }: Frame) {
    this.#progressive = progressive;
    this.#lowest = new Map(
      components.map((id) => [id, new Uint8Array(64).fill(255)]),
    );
  }

  /** Adds a scan by its header (ITU-T T.81, section B.2.3). */
  add(header: Uint8Array): void {
    const count = header[0] ?? 0;
    const [from, to, bits] = this.#progressive
      ? header.subarray(1 + 2 * count)
      : [0, 63, 0];
    for (let i = 0; i < count; i++) {
      this.#lowest.get(header[1 + 2 * i]!)?.fill(bits! & 15, from, to! + 1);
    }
  }

  /** Whether there is something of every component. */
  get everyComponent(): boolean {
    return [...this.#lowest.values()].every(([mean]) => mean !== 255);
  }

  /** Whether every coefficient is there to its last bit. */
  get complete(): boolean {
    return [...this.#lowest.values()].every((lowest) =>
      lowest.every((bit) => bit === 0)
    );
  }
}

/**
 * The marker segments of a JPEG up to and with its end marker, which may be
 * missing; entropy-coded data is skipped.
 */
export function* jpegSegments(
  bytes: Uint8Array,
): Generator<{ code: number; at: number; data: Uint8Array }> {
  const view = viewOf(bytes);
  let at = 2;
  while (true) {
    // Anything up to the next 0xff is entropy-coded data, or stray bytes.
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return;
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

/** A stuffed zero, TEM, a restart marker or a start of image. */
function hasNoLength(code: number): boolean {
  return code <= 0x01 || (code >= MARKER.RST0 && code <= MARKER.SOI);
}

function isFrame(code: number): boolean {
  return code >= MARKER.SOF0 && code <= MARKER.SOF15 && code !== MARKER.DHT &&
    code !== MARKER.JPG && code !== MARKER.DAC;
}

function readFrame(code: number, data: Uint8Array): Frame {
  if (code > MARKER.SOF2) {
    throw new LimpidError(
      "unsupported-format",
      "Lossless, hierarchical and arithmetic-coded JPEG are not read; save the picture as ordinary JPEG or PNG.",
    );
  }
  if (data.length < 6) throw damaged("its size is cut short");
  const view = viewOf(data);
  if (view.getUint8(0) !== 8) {
    throw new LimpidError(
      "unsupported-format",
      "JPEG of more than 8 bits a sample is not read; save the picture as ordinary JPEG or 16-bit PNG.",
    );
  }
  const count = view.getUint8(5);
  if (count !== 1 && count !== 3 && count !== 4) {
    throw damaged(`it has ${count} colour components`);
  }
  if (data.length < 6 + 3 * count) throw damaged("its size is cut short");
  return {
    height: view.getUint16(1),
    width: view.getUint16(3),
    components: Array.from({ length: count }, (_, i) => data[6 + 3 * i]!),
    progressive: code === MARKER.SOF2,
  };
}

/**
 * The pieces of a profile in order (ICC.1:2022, annex B.4), or undefined where
 * one is missing or all are too long.
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
