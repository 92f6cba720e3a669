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
  readonly components: number;
  readonly progressive: boolean;
}

/**
 * Reads all of a JPEG but its pixels, from its first byte to its end marker.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged, truncated or
 * has too many scans; `unsupported-format` for lossless, hierarchical,
 * arithmetic-coded and 12-bit JPEG.
 */
export function readJpegHeader(bytes: Uint8Array): Header {
  let frame: Frame | undefined;
  let exif: Uint8Array | undefined;
  let scans = 0;
  const profile = new Map<number, Uint8Array>();

  for (const { code, data } of jpegSegments(bytes)) {
    if (isFrame(code)) {
      if (frame) throw damaged("it declares its size twice");
      frame = readFrame(code, data);
    } else if (code === MARKER.SOS) {
      if (!frame) throw damaged("its pixels come before its size");
      const most = frame.progressive ? MAX_JPEG_SCANS : frame.components;
      if (++scans > most) throw damaged(`it has more than ${most} scans`);
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
  if (!frame || scans === 0) throw damaged("it holds no picture");

  const icc = joinProfile(profile);
  return {
    info: {
      format: "jpeg",
      width: frame.width,
      height: frame.height,
      orientation: readOrientation(exif),
      bitDepth: 8,
      hasAlpha: false,
      cmyk: frame.components === 4,
      progressive: frame.progressive,
      animated: false,
    },
    metadata: { ...(icc && { icc }), ...(exif && { exif }) },
  };
}

/** The marker segments of a JPEG up to its end marker; entropy-coded data is skipped. */
export function* jpegSegments(
  bytes: Uint8Array,
): Generator<{ code: number; at: number; data: Uint8Array }> {
  const view = viewOf(bytes);
  let at = 2;
  while (true) {
    // Anything up to the next 0xff is entropy-coded data, or stray bytes.
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) break;
    const code = bytes[at + 1]!;
    if (code === MARKER.EOI) return;
    if (code === 0xff) at += 1; // fill byte
    else if (hasNoLength(code)) at += 2;
    else {
      if (at + 4 > bytes.length) break;
      const end = at + 2 + view.getUint16(at + 2);
      if (end < at + 4 || end > bytes.length) break;
      yield { code, at, data: bytes.subarray(at + 4, end) };
      at = end;
    }
  }
  throw new LimpidError(
    "corrupt-image",
    `The JPEG is truncated: it ends after ${bytes.length} bytes without its end marker.`,
  );
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
  const components = view.getUint8(5);
  if (components !== 1 && components !== 3 && components !== 4) {
    throw damaged(`it has ${components} colour components`);
  }
  return {
    height: view.getUint16(1),
    width: view.getUint16(3),
    components,
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

function damaged(how: string): LimpidError {
  return new LimpidError("corrupt-image", `The JPEG is damaged: ${how}.`);
}
