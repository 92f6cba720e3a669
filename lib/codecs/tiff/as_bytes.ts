import { concat, viewOf } from "../bytes.ts";
import { MIN_IS_BLACK } from "./deep_kind.ts";
import { ENTRY_BYTES, LONG, SHORT } from "../tiff_block.ts";
import { type ImageDirectory, isLittleEndian, TAG } from "./directory.ts";

/** What the new directory says as the old one does: where the pixels are, and how they are compressed. */
const KEPT = [
  TAG.HEIGHT,
  TAG.COMPRESSION,
  TAG.FILL_ORDER,
  TAG.STRIP_OFFSETS,
  TAG.ROWS_PER_STRIP,
  TAG.STRIP_BYTES,
  TAG.TILE_HEIGHT,
  TAG.TILE_OFFSETS,
  TAG.TILE_BYTES,
] as const;

/**
 * The same file with another directory, which describes the pixels of its image
 * as what they are stored as: a grey image of bytes, as many times as wide as a
 * pixel has bytes.
 *
 * @param pixelBytes Bytes of a pixel.
 */
export function asBytes(
  file: Uint8Array,
  directory: ImageDirectory,
  pixelBytes: number,
): Uint8Array<ArrayBuffer> {
  const little = isLittleEndian(file);
  const entries = new Map<number, Uint8Array>();
  for (const tag of KEPT) {
    const at = directory.entry(tag)?.at;
    if (at !== undefined) entries.set(tag, file.subarray(at, at + ENTRY_BYTES));
  }
  const set = (tag: number, type: number, value: number | null): void => {
    if (value === null) return;
    const entry = new Uint8Array(ENTRY_BYTES);
    const view = viewOf(entry);
    view.setUint16(0, tag, little);
    view.setUint16(2, type, little);
    view.setUint32(4, 1, little);
    if (type === SHORT) view.setUint16(8, value, little);
    else view.setUint32(8, value, little);
    entries.set(tag, entry);
  };
  const times = (value: number | null): number | null =>
    value === null ? null : pixelBytes * value;
  set(TAG.WIDTH, LONG, times(directory.number(TAG.WIDTH)));
  set(TAG.TILE_WIDTH, LONG, times(directory.number(TAG.TILE_WIDTH)));
  set(TAG.BITS, SHORT, 8);
  set(TAG.PHOTOMETRIC, SHORT, MIN_IS_BLACK);
  set(TAG.SAMPLES, SHORT, 1);

  const sorted = [...entries].sort(([a], [b]) => a - b).map(([, e]) => e);
  const count = new Uint8Array(2);
  viewOf(count).setUint16(0, sorted.length, little);
  // A directory begins at an even offset, and ends with that of the next one.
  const padding = new Uint8Array(file.length % 2);
  const whole = concat([file, padding, count, ...sorted, new Uint8Array(4)]);
  viewOf(whole).setUint32(4, file.length + padding.length, little);
  return whole;
}
