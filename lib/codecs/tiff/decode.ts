/** Decodes TIFFs. */
import { viewOf } from "../bytes.ts";
import type { DecodedPixels } from "../decoded_pixels.ts";
import type { ImageInfo } from "../header.ts";
import { magickDecoder } from "../magick_decoder.ts";
import { SHORT } from "../tiff_block.ts";
import { MIN_IS_BLACK, MIN_IS_WHITE } from "./deep_kind.ts";
import { directoriesOf, isLittleEndian, TAG } from "./directory.ts";

const decode = magickDecoder("TIFF");

/**
 * Decodes with ImageMagick, which turns some images whose 0 is white into
 * positives and others not: it is told that 0 is black, and they are turned
 * here.
 */
export async function decodeTiff(
  bytes: Uint8Array,
  info: ImageInfo,
): Promise<DecodedPixels> {
  const first = directoriesOf(bytes)[0];
  const entry = first?.entry(TAG.PHOTOMETRIC) ?? null;
  if (entry === null || first!.number(TAG.PHOTOMETRIC) !== MIN_IS_WHITE) {
    return await decode(bytes, info);
  }
  const { at, type } = entry;
  const positive = new Uint8Array(bytes);
  const little = isLittleEndian(bytes);
  if (type === SHORT) viewOf(positive).setUint16(at + 8, MIN_IS_BLACK, little);
  else viewOf(positive).setUint32(at + 8, MIN_IS_BLACK, little);
  const pixels = await decode(positive, info);
  const { data } = pixels;
  for (let i = 0; i < data.length; i++) {
    if (i % 4 < 3) data[i] = 255 - data[i]!;
  }
  return pixels;
}
