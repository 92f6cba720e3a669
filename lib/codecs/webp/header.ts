import { foundMetadata } from "../found_metadata.ts";
import { LimpidError } from "../../errors.ts";
import { textAt, viewOf } from "../bytes.ts";
import { readOrientation, withoutExifPrefix } from "../exif.ts";
import { MAX_ICC_BYTES } from "../icc.ts";
import type { FileHeader } from "../header.ts";
import { webpChunks } from "./chunks.ts";
import { readXmpOrientation } from "../xmp.ts";

/** Bits of the first byte of a VP8X chunk (RFC 9649, section 2.7). */
export const VP8X = {
  ICC: 0x20,
  ALPHA: 0x10,
  EXIF: 0x08,
  XMP: 0x04,
  ANIMATION: 0x02,
};

interface Size {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly lossless: boolean;
}

/**
 * Reads all of a WebP but its pixels.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged or truncated,
 * `unsupported-format` where it is animated.
 */
export function readWebpHeader(bytes: Uint8Array): FileHeader {
  let canvas: Size | undefined, image: Size | undefined;
  let exif: Uint8Array | undefined, icc: Uint8Array | undefined;
  let xmp: Uint8Array | undefined;
  const unread = new Set<string>();
  for (const { type, data } of webpChunks(bytes)) {
    if (type === "VP8X") {
      canvas ??= readCanvas(data);
    } else if (type === "VP8 ") {
      image ??= readLossy(data);
    } else if (type === "VP8L") {
      image ??= readLossless(data);
    } else if (type === "EXIF") {
      exif ??= withoutExifPrefix(data);
    } else if (type === "ICCP") {
      if (data.length <= MAX_ICC_BYTES) icc ??= data;
    } else if (type === "XMP ") {
      xmp ??= data;
    } else if (type !== "ALPH" && /^[A-Za-z0-9 ]{4}$/.test(type)) {
      unread.add(`A part of the WebP is left out: its chunk ${type.trim()}.`);
    }
  }
  if (!image) throw damaged("it holds no image");
  const size = canvas ?? image;
  if (size.width !== image.width || size.height !== image.height) {
    throw damaged(
      `its canvas is ${size.width}x${size.height}, its image ${image.width}x${image.height}`,
    );
  }
  return {
    info: {
      format: "webp",
      width: size.width,
      height: size.height,
      orientation: readOrientation(exif) ?? readXmpOrientation(xmp) ?? 1,
      bitDepth: 8,
      hasAlpha: size.hasAlpha || image.hasAlpha,
      grey: false,
      cmyk: false,
      lossless: image.lossless,
    },
    metadata: foundMetadata({ icc, exif, xmp }),
    left: [...unread].slice(0, 8),
    warnings: [],
  };
}

function readCanvas(data: Uint8Array): Size {
  if (data.length < 10) throw damaged("its header is cut short");
  const view = viewOf(data);
  if (data[0]! & VP8X.ANIMATION) {
    throw new LimpidError(
      "unsupported-format",
      "Animated WebP is not read; save one frame as a still image.",
    );
  }
  return {
    width: 1 + (view.getUint32(4, true) & 0xffffff),
    height: 1 + (view.getUint32(6, true) >>> 8),
    hasAlpha: (data[0]! & VP8X.ALPHA) !== 0,
    lossless: false,
  };
}

/** Reads a lossy image (RFC 6386, 9.1): start code, 14 bits of each side. */
function readLossy(data: Uint8Array): Size {
  if (data.length < 10 || textAt(data, 3, 3) !== "\x9d\x01\x2a") {
    throw damaged("its image does not start with a key frame");
  }
  const view = viewOf(data);
  return {
    width: view.getUint16(6, true) & 0x3fff,
    height: view.getUint16(8, true) & 0x3fff,
    hasAlpha: false,
    lossless: false,
  };
}

/**
 * Reads a lossless image (RFC 9649, section 3.4): signature, 14 bits of each
 * side less one, alpha bit.
 */
export function readLossless(data: Uint8Array): Size {
  if (data.length < 5 || data[0] !== 0x2f) {
    throw damaged("its lossless image lacks the signature");
  }
  const bits = viewOf(data).getUint32(1, true);
  return {
    width: 1 + (bits & 0x3fff),
    height: 1 + ((bits >>> 14) & 0x3fff),
    hasAlpha: ((bits >>> 28) & 1) === 1,
    lossless: true,
  };
}

function damaged(how: string): LimpidError {
  return new LimpidError("corrupt-image", `The WebP is damaged: ${how}.`);
}
