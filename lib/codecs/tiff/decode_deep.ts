import type { DeepRaster } from "../../pixels/deep_raster.ts";
import type { ImageInfo } from "../header.ts";
import { readBytesWithMagick } from "../magick.ts";
import { sharedDeepPixels } from "../shared_pixels.ts";
import { asBytes } from "./as_bytes.ts";
import { coloursOf, DIFFERENCES, MIN_IS_WHITE } from "./deep_kind.ts";
import { directoriesOf, isLittleEndian, TAG } from "./directory.ts";

/** Compressions that samples are not stored as differences with: none, PackBits. */
const WHOLE: readonly number[] = [1, 32773];

/**
 * Decodes a TIFF of a kind that `isDeepTiff()` tells. ImageMagick, as it is
 * built, keeps 8 bits of a sample: it is given each sample as two bytes, and
 * only unpacks them.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeDeepTiff(
  bytes: Uint8Array,
  { width, height, hasAlpha }: ImageInfo,
): Promise<DeepRaster> {
  const directory = directoriesOf(bytes)[0]!;
  const number = (tag: number, otherwise: number): number =>
    directory.number(tag) ?? otherwise;
  const kind = number(TAG.PHOTOMETRIC, MIN_IS_WHITE);
  const colours = coloursOf(kind);
  const samples = hasAlpha ? colours + 1 : colours;
  const differences = number(TAG.PREDICTOR, 1) === DIFFERENCES &&
    !WHOLE.includes(number(TAG.COMPRESSION, 1));
  // Where a row's differences begin anew.
  const tile = samples *
    (directory.entry(TAG.TILE_OFFSETS) === null
      ? width
      : number(TAG.TILE_WIDTH, width));
  const little = isLittleEndian(bytes);
  const inverted = kind === MIN_IS_WHITE ? 65535 : 0;

  const data = sharedDeepPixels(width * height);
  const row = new Uint16Array(samples * width);
  const size = { width: 2 * samples * width, height };
  const unpacked = asBytes(bytes, directory, 2 * samples);
  await readBytesWithMagick(unpacked, size, (stored, y) => {
    const view = new DataView(stored.buffer, stored.byteOffset);
    for (let i = 0; i < row.length; i++) {
      const value = view.getUint16(2 * i, little);
      const inTile = i % tile;
      row[i] = differences && inTile >= samples
        ? value + row[i - samples]!
        : value;
    }
    let to = 4 * width * y;
    for (let i = 0; i < row.length; i += samples) {
      const first = row[i]! ^ inverted;
      data[to++] = first;
      data[to++] = colours === 3 ? row[i + 1]! : first;
      data[to++] = colours === 3 ? row[i + 2]! : first;
      data[to++] = hasAlpha ? row[i + colours]! : 65535;
    }
  });
  return { width, height, data };
}
