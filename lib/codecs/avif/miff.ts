/**
 * An image as ImageMagick's own format has it. Of all that ImageMagick reads
 * this alone takes raw pixels with their metadata, and takes profiles as they
 * are: through its interface it would look into them, and refuse some.
 */

import type { Metadata } from "../header.ts";
import { concat, latin1, viewOf } from "../bytes.ts";
import { bandsOf, type Rows } from "../rows.ts";

/** A MIFF file, and what an encoder has to know of it. */
export interface Miff {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** The image with its ICC profile, EXIF and XMP. */
export async function miffOf(
  rows: Rows,
  { icc, exif, xmp }: Metadata,
): Promise<Miff> {
  const { width, height } = rows;
  const profiles = Object.entries({ icc, exif, xmp }).flatMap(([name, data]) =>
    data === undefined ? [] : [{ name, data }]
  );
  const head = concat([
    latin1(
      [
        "id=ImageMagick version=1.0",
        "class=DirectClass colors=0 alpha-trait=Blend",
        "number-channels=4 number-meta-channels=0",
        `columns=${width} rows=${height} depth=8`,
        "type=TrueColorAlpha colorspace=sRGB",
        ...profiles.map(({ name }) => `profile=${name}`),
        "\f\n:\x1a",
      ].join("\n"),
    ),
    ...profiles.flatMap(({ data }) => [lengthOf(data), data]),
  ]);
  const bytes = new Uint8Array(head.length + 4 * width * height);
  bytes.set(head);
  let at = head.length;
  for await (const { data } of bandsOf(rows)) {
    bytes.set(data, at);
    at += data.length;
  }
  return { bytes, width, height, hasAlpha: isTranslucent(bytes, head.length) };
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, length);
  return bytes;
}

function isTranslucent(bytes: Uint8Array, from: number): boolean {
  for (let i = from + 3; i < bytes.length; i += 4) {
    if (bytes[i] !== 255) return true;
  }
  return false;
}
