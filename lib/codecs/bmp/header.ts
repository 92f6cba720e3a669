/** Reads headers of BMP files (Microsoft, BITMAPINFOHEADER and variants). */
import { LimpidError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import type { FileHeader } from "../header.ts";

/** Length of the file header in bytes. */
const FILE_HEADER = 14;
/** Lengths of the bitmap header: OS/2, BITMAPINFOHEADER to BITMAPV5HEADER. */
const CORE = 12;
const LENGTHS = [CORE, 40, 52, 56, 64, 108, 124];
const DEPTHS = [1, 2, 4, 8, 16, 24, 32];
/** Compressions: none, run lengths of 8 and 4 bits, with colour masks. */
const RLE8 = 1, RLE4 = 2;
const COMPRESSIONS = [0, RLE8, RLE4, 3, 6];

/** @throws {LimpidError} `corrupt-image`, `unsupported-format` for pixels that are JPEG or PNG */
export function readBmpHeader(bytes: Uint8Array): FileHeader {
  const view = viewOf(bytes);
  if (bytes.length < FILE_HEADER + CORE) throw damaged("it ends in its header");
  const length = view.getUint32(FILE_HEADER, true);
  if (!LENGTHS.includes(length)) {
    throw damaged(`its header has ${length} bytes`);
  }
  if (bytes.length < FILE_HEADER + length) {
    throw damaged("it ends in its header");
  }
  const core = length === CORE;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const depth = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  if (width < 0) throw damaged(`its width is ${width}`);
  if (!DEPTHS.includes(depth)) throw damaged(`it has ${depth} bits a pixel`);
  if (!COMPRESSIONS.includes(compression)) {
    throw new LimpidError(
      "unsupported-format",
      "The BMP's pixels are compressed in a way that is not read; save it as PNG.",
    );
  }
  const rows = Math.abs(height);
  const pixels = view.getUint32(10, true);
  const stored = rows * 4 * Math.ceil(width * depth / 32);
  if (![RLE8, RLE4].includes(compression) && pixels + stored > bytes.length) {
    throw damaged("it is truncated: pixels are missing");
  }
  return {
    info: {
      format: "bmp",
      width,
      height: rows,
      orientation: 1,
      bitDepth: Math.min(depth, 8),
      hasAlpha: depth === 32 && length >= 56,
      grey: false,
      cmyk: false,
      lossless: true,
    },
    metadata: {},
    warnings: [],
    left: [],
  };
}

function damaged(why: string): LimpidError {
  return new LimpidError("corrupt-image", `The BMP is damaged: ${why}.`);
}
