import type { Metadata } from "../header.ts";
import { textAt } from "../bytes.ts";
import { EXIF_PREFIX } from "../exif.ts";
import { encodeAvifWithMagick } from "../magick.ts";
import type { Rows } from "../rows.ts";
import { miffOf } from "./miff.ts";

/**
 * Writes an AVIF: 8 bits, colours in full resolution, alpha as exact as the colours.
 *
 * @param quality 1..100.
 */
export async function encodeAvif(
  rows: Rows,
  quality: number,
  metadata: Metadata,
): Promise<Uint8Array<ArrayBuffer>> {
  const miff = await miffOf(rows, metadata);
  const file = await encodeAvifWithMagick(miff, quality);
  if (metadata.exif) putBack(file, metadata.exif, metadata.xmp?.length ?? 0);
  return file;
}

/** ImageMagick writes EXIF's resolution anew, rounded: here the block becomes what it was. */
function putBack(file: Uint8Array, exif: Uint8Array, after: number): void {
  const at = file.length - after - exif.length;
  const { length } = EXIF_PREFIX;
  if (textAt(file, at - length, length) !== EXIF_PREFIX) {
    throw new Error("the EXIF is not where ImageMagick writes it");
  }
  file.set(exif, at);
}
