import { inflateSync } from "node:zlib";
import { LimpidError } from "../errors.ts";
import { viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import { MAX_ICC_BYTES } from "./icc.ts";
import type { Header } from "./image_info.ts";
import { pngChunks } from "./png_chunks.ts";

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
 * Reads all of a PNG but its pixels, every checksum checked.
 *
 * @throws {LimpidError} `corrupt-image` where the file is damaged or truncated.
 */
export function readPngHeader(bytes: Uint8Array): Header {
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
    throw damaged("its header names a kind of pixels that does not exist");
  }

  let data = false, palette = false, transparency = false, animated = false;
  let exif: Uint8Array | undefined, icc: Uint8Array | undefined;
  for (const chunk of chunks) {
    if (chunk.type === "IDAT") data = true;
    else if (chunk.type === "PLTE") palette = true;
    else if (chunk.type === "tRNS") transparency = true;
    else if (chunk.type === "acTL") animated = true;
    else if (chunk.type === "eXIf") exif ??= chunk.data;
    else if (chunk.type === "iCCP") icc ??= unpackProfile(chunk.data);
  }
  if (!data) throw damaged("it holds no pixels");
  if (colourType === PALETTE && !palette) {
    throw damaged("its palette is missing");
  }

  return {
    info: {
      format: "png",
      width: header.getUint32(0),
      height: header.getUint32(4),
      orientation: readOrientation(exif),
      bitDepth,
      hasAlpha: transparency || (colourType & ALPHA_BIT) !== 0,
      grey: (colourType & ~ALPHA_BIT) === 0,
      cmyk: false,
      progressive: interlace === 1,
      animated,
    },
    metadata: { ...(icc && { icc }), ...(exif && { exif }) },
    warnings: [],
  };
}

/**
 * The profile of an iCCP chunk (name, 0, method 0, zlib data). One that does
 * not unpack, or to more than the limit, is no reason to refuse the picture:
 * it is left out, as browsers do.
 */
function unpackProfile(data: Uint8Array): Uint8Array | undefined {
  const nameEnd = data.subarray(0, 80).indexOf(0);
  if (nameEnd < 1 || data[nameEnd + 1] !== 0) return undefined;
  try {
    // The limit stops the inflate itself: a bomb never unfolds.
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
