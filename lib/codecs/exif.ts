/**
 * EXIF: Limpid reads the orientation, sets the entries that describe the
 * pixels, and rewrites a block that is too long for its format.
 *
 * Structure: EXIF 2.32 (CIPA DC-008).
 */
import { startsWith, viewOf } from "./bytes.ts";
import type { Orientation, Resolution } from "./header.ts";
import { TAG } from "./tiff/directory.ts";
import {
  Block,
  type Entry,
  ENTRY_BYTES,
  everyDirectory,
  EXIF_POINTER,
  GPS_POINTER,
  RATIONAL,
  readDirectory,
  SHORT,
  writeBlock,
} from "./tiff_block.ts";

/** Prefix of an EXIF block in JPEG's APP1, and in other formats by mistake. */
export const EXIF_PREFIX = "Exif\0\0";

/** An EXIF block without the prefix that some writers add. */
export function withoutExifPrefix(exif: Uint8Array): Uint8Array {
  return startsWith(exif, EXIF_PREFIX)
    ? exif.subarray(EXIF_PREFIX.length)
    : exif;
}

/** Tags of the stored pixels' width and height; TIFF has no such ones. */
const PIXEL_WIDTH = 0xa002, PIXEL_HEIGHT = 0xa003;

/**
 * The orientation in an EXIF block, from the first valid entry; `null` where
 * there is none.
 */
export function readOrientation(
  exif: Uint8Array | undefined,
): Orientation | null {
  const block = Block.of(exif);
  for (const entry of block?.entries(block.first) ?? []) {
    if (entry.tag !== TAG.ORIENTATION) continue;
    const value = block!.number(entry);
    if (value !== null && value >= 1 && value <= 8) return value as Orientation;
  }
  return null;
}

/**
 * A copy of an EXIF block for an image that has been turned upright and
 * changed: orientation 1, this size, and no thumbnail, since that shows the old
 * image.
 *
 * @param swapped Whether width and height changed places; resolutions along
 * them do so, too.
 */
export function resetExif(
  exif: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  swapped = false,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(exif);
  const block = Block.of(copy);
  if (block === null) return copy;
  const { first, view, littleEndian } = block;
  const values = new Map<number, number>([
    [TAG.ORIENTATION, 1],
    [TAG.WIDTH, width],
    [TAG.HEIGHT, height],
    [PIXEL_WIDTH, width],
    [PIXEL_HEIGHT, height],
  ]);
  for (const directory of [first, block.pointer(EXIF_POINTER)]) {
    for (const entry of block.entries(directory)) {
      const value = values.get(entry.tag);
      if (value !== undefined) block.setNumber(entry, value);
    }
    if (swapped) exchangeResolutions(copy, [...block.entries(directory)]);
  }
  // The offset of the thumbnail's directory follows the first directory.
  const next = first + 2 + ENTRY_BYTES * block.u16(first);
  if (next + 4 <= copy.length) view.setUint32(next, 0, littleEndian);
  return copy;
}

/** Resolutions across and down: of the image, and of the sensor. */
const RESOLUTIONS = [
  [TAG.X_RESOLUTION, TAG.Y_RESOLUTION],
  [0xa20e, 0xa20f],
] as const;

/** Exchanges types, counts and values of both entries; their tags stay in order. */
function exchangeResolutions(
  exif: Uint8Array,
  entries: readonly Entry[],
): void {
  for (const pair of RESOLUTIONS) {
    const [across, down] = pair.map((tag) =>
      entries.find((entry) => entry.tag === tag)?.at
    );
    if (across === undefined || down === undefined) continue;
    const kept = exif.slice(across + 2, across + ENTRY_BYTES);
    exif.copyWithin(across + 2, down + 2, down + ENTRY_BYTES);
    exif.set(kept, down + 2);
  }
}

/**
 * Rewrites an EXIF block without its longest values, to at most `most` bytes.
 * It leaves out maker notes, which are only valid at their old offset.
 *
 * @returns `undefined` where `exif` is no EXIF block
 */
export function shortenedExif(
  exif: Uint8Array,
  most: number,
): Uint8Array<ArrayBuffer> | undefined {
  const block = Block.of(exif);
  if (block === null) return undefined;
  const root = readDirectory(block);
  const directories = [...everyDirectory(root)];
  let room = most - 8 - directories.length * (2 + ENTRY_BYTES + 4);
  // Keep the shortest: dates, names and numbers are worth more than images.
  const kept = new Set(
    directories.flatMap(({ values }) => values)
      .sort((a, b) => a.bytes.length - b.bytes.length)
      .filter(({ bytes }) => {
        room -= ENTRY_BYTES + (bytes.length > 4 ? bytes.length + 1 : 0);
        return room >= 0;
      }),
  );
  for (const directory of directories) {
    directory.values = directory.values.filter((value) => kept.has(value));
  }
  return writeBlock(root, block.littleEndian);
}

/** Tags that tell where: XMP, IPTC, and GeoTIFF's. */
const PLACE_TAGS: ReadonlySet<number> = new Set([
  0x02bc,
  0x83bb,
  0x830e,
  0x8482,
  0x85d8,
  0x87af,
  0x87b0,
  0x87b1,
]);

/**
 * Rewrites an EXIF block without GPS directories, wherever they are: none of
 * their bytes remain. Maker notes and the thumbnail, which may tell a place too,
 * are left out as well.
 *
 * @returns `undefined` where the block cannot be read
 */
export function withoutLocation(
  exif: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const block = Block.of(exif);
  if (block === null) return undefined;
  const root = readDirectory(block);
  for (const directory of everyDirectory(root)) {
    directory.below.delete(GPS_POINTER);
    directory.values = directory.values.filter(({ tag }) =>
      !PLACE_TAGS.has(tag)
    );
  }
  return writeBlock(root, block.littleEndian);
}

/** The resolution in an EXIF block; `undefined` where it gives none with a unit. */
export function exifResolution(exif: Uint8Array): Resolution | undefined {
  const block = Block.of(exif);
  if (block === null) return undefined;
  let x: number | null = null;
  let y: number | null = null;
  let unit: number | null = 2; // inches, EXIF's default
  for (const entry of block.entries(block.first)) {
    if (entry.tag === TAG.RESOLUTION_UNIT) unit = block.number(entry);
    else if (entry.tag === TAG.X_RESOLUTION) x = rationalOf(block, entry);
    else if (entry.tag === TAG.Y_RESOLUTION) y = rationalOf(block, entry);
  }
  if (x === null || y === null) return undefined;
  if (unit === 2) return { x, y, unit: "inch" };
  return unit === 3 ? { x: 100 * x, y: 100 * y, unit: "metre" } : undefined;
}

/** A fraction of 1 to 65535; `null` where the entry is none. */
function rationalOf(block: Block, entry: Entry): number | null {
  if (entry.type !== RATIONAL || entry.count !== 1) return null;
  const bytes = block.value(entry);
  if (bytes === null) return null;
  const view = viewOf(bytes);
  const below = view.getUint32(4, block.littleEndian);
  const value = view.getUint32(0, block.littleEndian) / below;
  return value >= 1 && value < 2 ** 16 ? value : null;
}

/** An EXIF block with the resolution only. */
export function resolutionExif(
  x: number,
  y: number,
): Uint8Array<ArrayBuffer> {
  const rational = (value: number): Uint8Array => {
    const bytes = new Uint8Array(8);
    viewOf(bytes).setUint32(0, value, true);
    viewOf(bytes).setUint32(4, 1, true);
    return bytes;
  };
  const INCH = Uint8Array.of(2, 0);
  const one = { count: 1 };
  return writeBlock({
    values: [
      { ...one, tag: TAG.X_RESOLUTION, type: RATIONAL, bytes: rational(x) },
      { ...one, tag: TAG.Y_RESOLUTION, type: RATIONAL, bytes: rational(y) },
      { ...one, tag: TAG.RESOLUTION_UNIT, type: SHORT, bytes: INCH },
    ],
    below: new Map(),
  }, true);
}
