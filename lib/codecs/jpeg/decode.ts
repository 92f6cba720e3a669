import { concat, latin1 } from "../bytes.ts";
import { LimpidError } from "../../errors.ts";
import type { DecodedPixels } from "../decoded_pixels.ts";
import { withLibjpegTurbo } from "./libjpeg_turbo.ts";
import { lightThroughInks } from "../inks.ts";
import { decodeWithMagick } from "../magick.ts";
import { sharedPixels } from "../shared_pixels.ts";

/**
 * Decodes a grey or RGB JPEG. libjpeg-turbo's package is small, and refuses
 * unusual files (warnings, rare samplings) like damaged ones, without telling
 * them apart; ImageMagick then does.
 *
 * @throws {LimpidError} `corrupt-image` where pixels are missing.
 * @throws {Error} where the data is damaged.
 */
export async function decodeJpeg(bytes: Uint8Array): Promise<DecodedPixels> {
  const usual = await decodeUsual(bytes);
  if (usual !== null) return usual;
  const { width, height, data, warnings } = await decodeWithMagick(
    bytes,
    "JPEG",
  );
  return { width, height, data, warnings: judged(warnings) };
}

/** The pixels if libjpeg-turbo decodes the file without fault, else `null`. */
async function decodeUsual(bytes: Uint8Array): Promise<DecodedPixels | null> {
  try {
    return await withLibjpegTurbo(({ api }) => {
      const decoder = new api.JPEGDecoder();
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
      const { width, height, componentCount } = decoder.getFrameInfo();
      const samples = decoder.getDecodedBuffer();
      const data = opaque(samples, componentCount, width * height);
      decoder.delete();
      return { width, height, data, warnings: [] };
    });
  } catch (error) {
    // The codec throws a number, the address of a C++ exception.
    if (typeof error !== "number") throw error;
    return null;
  }
}

/** libjpeg's warning that data ends early; it makes up the missing pixels. */
const MISSING = /premature end of data segment/i;
/** Its warning of a missing end marker; readJpegHeader() reports that. */
const NO_END = /premature end of JPEG file/i;
/** With more warnings a file is damaged; ImageMagick does not report all. */
const MOST_WARNINGS = 32;

/**
 * Turns libjpeg's warnings into sentences.
 *
 * @throws {LimpidError} `corrupt-image` where one says that pixels are missing.
 */
function judged(warnings: readonly string[]): readonly string[] {
  const missing = warnings.find((warning) => MISSING.test(warning));
  if (missing !== undefined) {
    throw new LimpidError(
      "corrupt-image",
      `The JPEG is damaged or truncated: pixels are missing (${missing}).`,
    );
  }
  if (warnings.length > MOST_WARNINGS) {
    throw new Error(`it has ${warnings.length} faults`);
  }
  return warnings.filter((warning) => !NO_END.test(warning)).map((warning) =>
    `The JPEG has a fault, but could be decoded (${warning}).`
  );
}

/** Grey or RGB samples as RGBA. */
function opaque(
  samples: Uint8Array,
  channels: number,
  pixels: number,
): Uint8Array {
  const rgba = sharedPixels(pixels);
  const words = new Uint32Array(rgba.buffer);
  // Every Deno target is little-endian: a word is ABGR from its high byte.
  if (channels === 1) {
    for (let i = 0; i < pixels; i++) {
      words[i] = 0xff000000 | samples[i]! * 0x010101;
    }
  } else {
    for (let i = 0, at = 0; i < pixels; i++, at += 3) {
      words[i] = 0xff000000 | samples[at + 2]! << 16 | samples[at + 1]! << 8 |
        samples[at]!;
    }
  }
  return rgba;
}

const APPROXIMATE =
  "The JPEG's inks (CMYK) were turned into RGB without their colour profile; colours are approximate.";

/** Adobe's marker: APP14, 14 bytes, name, version 100, no flags, no transform. */
const ADOBE_CMYK = latin1("\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0");

/**
 * Decodes a CMYK or YCCK JPEG.
 *
 * Adobe's marker says whether it is CMYK or YCCK. A file without that marker is
 * read as CMYK, inverted like Adobe's, as Pillow and browsers do.
 *
 * @throws {LimpidError} `corrupt-image` where pixels are missing.
 * @throws {Error} where the data is damaged.
 */
export async function decodeCmykJpeg(
  bytes: Uint8Array,
): Promise<DecodedPixels> {
  // The last marker counts: the file's own, where it has one.
  const file = concat([bytes.subarray(0, 2), ADOBE_CMYK, bytes.subarray(2)]);
  const { width, height, data, cmyk, warnings } = await decodeWithMagick(
    file,
    "JPEG",
  );
  if (!cmyk) throw new Error("its four components are no inks");
  lightThroughInks(data);
  return { width, height, data, warnings: [APPROXIMATE, ...judged(warnings)] };
}
