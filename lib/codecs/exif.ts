/**
 * EXIF: Limpid reads the orientation, sets the entries that describe the
 * pixels, and rewrites a block that is too long for its format. The depth of
 * directories is limited, so that directories which point at themselves do no
 * harm.
 *
 * Structure: EXIF 2.32 (CIPA DC-008), TIFF 6.0 section 2.
 */
import { concat, latin1, startsWith, viewOf } from "./bytes.ts";
import type { Orientation } from "./header.ts";

/** Prefix of an EXIF block in JPEG's APP1, and in other formats by mistake. */
export const EXIF_PREFIX = "Exif\0\0";

/** An EXIF block without the prefix that some writers add. */
export function withoutExifPrefix(exif: Uint8Array): Uint8Array {
  return startsWith(exif, EXIF_PREFIX)
    ? exif.subarray(EXIF_PREFIX.length)
    : exif;
}

const SHORT = 3, LONG = 4;
const ENTRY_BYTES = 12;
/** Bytes of a value, by its type. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

const TAG = {
  WIDTH: 0x0100,
  HEIGHT: 0x0101,
  ORIENTATION: 0x0112,
  X_RESOLUTION: 0x011a,
  Y_RESOLUTION: 0x011b,
  RESOLUTION_UNIT: 0x0128,
  EXIF: 0x8769,
  GPS: 0x8825,
  MAKER_NOTE: 0x927c,
  PIXEL_WIDTH: 0xa002,
  PIXEL_HEIGHT: 0xa003,
  INTEROPERABILITY: 0xa005,
} as const;
/** Entries that point to another directory. */
const POINTERS: ReadonlySet<number> = new Set([
  TAG.EXIF,
  TAG.GPS,
  TAG.INTEROPERABILITY,
]);

/** An entry: its offset, and the type and count of its value. */
interface Entry {
  readonly at: number;
  readonly tag: number;
  readonly type: number;
  readonly count: number;
}

/** A block that begins like EXIF. */
class Block {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** Offset of the first directory. */
  readonly first: number;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.littleEndian = littleEndian;
    this.first = this.u32(4);
  }

  /** @returns `null` where the bytes are no EXIF block */
  static of(bytes: Uint8Array | undefined): Block | null {
    if (bytes === undefined || bytes.length < 14) return null;
    const order = viewOf(bytes).getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return null;
    const block = new Block(bytes, order === 0x4949);
    const { first } = block;
    return block.u16(2) === 42 && first >= 8 && first + 2 <= bytes.length
      ? block
      : null;
  }

  u16(at: number): number {
    return this.view.getUint16(at, this.littleEndian);
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.littleEndian);
  }

  /** The entries of a directory, as far as the block has them. */
  *entries(directory: number): Generator<Entry> {
    if (directory < 8 || directory + 2 > this.bytes.length) return;
    const count = this.u16(directory);
    for (let i = 0; i < count; i++) {
      const at = directory + 2 + ENTRY_BYTES * i;
      if (at + ENTRY_BYTES > this.bytes.length) return;
      yield {
        at,
        tag: this.u16(at),
        type: this.u16(at + 2),
        count: this.u32(at + 4),
      };
    }
  }

  /** The offset in an entry of the first directory; 0 if it is missing. */
  pointer(tag: number): number {
    for (const entry of this.entries(this.first)) {
      if (entry.tag === tag) return this.u32(entry.at + 8);
    }
    return 0;
  }

  /** The number stored in an entry itself; `null` where there is none. */
  number({ at, type, count }: Entry): number | null {
    if (count !== 1) return null;
    if (type === SHORT) return this.u16(at + 8);
    return type === LONG ? this.u32(at + 8) : null;
  }

  /** Sets the number stored in an entry, if it holds one and the value fits. */
  setNumber(entry: Entry, value: number): void {
    if (this.number(entry) === null) return;
    if (entry.type === LONG) {
      this.view.setUint32(entry.at + 8, value, this.littleEndian);
    } else if (value <= 0xffff) {
      this.view.setUint16(entry.at + 8, value, this.littleEndian);
    }
  }
}

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
 */
export function resetExif(
  exif: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(exif);
  const block = Block.of(copy);
  if (block === null) return copy;
  const { first, view, littleEndian } = block;
  const values = new Map<number, number>([
    [TAG.ORIENTATION, 1],
    [TAG.WIDTH, width],
    [TAG.HEIGHT, height],
    [TAG.PIXEL_WIDTH, width],
    [TAG.PIXEL_HEIGHT, height],
  ]);
  for (const directory of [first, block.pointer(TAG.EXIF)]) {
    for (const entry of block.entries(directory)) {
      const value = values.get(entry.tag);
      if (value !== undefined) block.setNumber(entry, value);
    }
  }
  // The offset of the thumbnail's directory follows the first directory.
  const next = first + 2 + ENTRY_BYTES * block.u16(first);
  if (next + 4 <= copy.length) view.setUint32(next, 0, littleEndian);
  return copy;
}

/** An entry with its value, in the byte order of its block. */
interface Value {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A directory with the directories that its entries point to. */
interface Directory {
  values: readonly Value[];
  readonly below: Map<number, Directory>;
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
  const root = readDirectory(block, block.first, 0);
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

/**
 * Rewrites an EXIF block without its GPS directory: none of its bytes remain.
 * Maker notes, which may hold a location too, are left out as well.
 *
 * @returns the same bytes where there is no such directory
 */
export function withoutLocation(exif: Uint8Array): Uint8Array {
  const block = Block.of(exif);
  if (block === null || block.pointer(TAG.GPS) === 0) return exif;
  const root = readDirectory(block, block.first, 0);
  root.below.delete(TAG.GPS);
  return writeBlock(root, block.littleEndian);
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
  const RATIONAL = 5, INCH = Uint8Array.of(2, 0);
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

/** Depth of the deepest directory: interoperability, in EXIF, in the first. */
const DEPTH = 2;

function readDirectory(block: Block, at: number, depth: number): Directory {
  const values: Value[] = [];
  const below = new Map<number, Directory>();
  for (const entry of block.entries(at)) {
    const { tag, type, count } = entry;
    if (POINTERS.has(tag)) {
      const target = block.number(entry);
      if (target !== null && depth < DEPTH && !below.has(tag)) {
        below.set(tag, readDirectory(block, target, depth + 1));
      }
      continue;
    }
    const length = (TYPE_BYTES[type] ?? 0) * count;
    const from = length <= 4 ? entry.at + 8 : block.u32(entry.at + 8);
    if (
      length === 0 || from + length > block.bytes.length ||
      tag === TAG.MAKER_NOTE
    ) continue;
    const bytes = block.bytes.subarray(from, from + length);
    values.push({ tag, type, count, bytes });
  }
  return { values, below };
}

function* everyDirectory(directory: Directory): Generator<Directory> {
  yield directory;
  for (const below of directory.below.values()) yield* everyDirectory(below);
}

function writeBlock(
  root: Directory,
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  const view = viewOf(head);
  head.set(latin1(littleEndian ? "II" : "MM"));
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, head.length, littleEndian);
  const parts: Uint8Array[] = [head];
  let end = head.length;

  const write = ({ values, below }: Directory): number => {
    const at = end;
    const count = values.length + below.size;
    const table = new Uint8Array(2 + ENTRY_BYTES * count + 4);
    const view = viewOf(table);
    parts.push(table);
    end += table.length;
    view.setUint16(0, count, littleEndian);
    const entries = [
      ...values,
      ...[...below].map(([tag, directory]) => ({ tag, directory })),
    ].sort((a, b) => a.tag - b.tag);
    for (const [i, entry] of entries.entries()) {
      const to = 2 + ENTRY_BYTES * i;
      view.setUint16(to, entry.tag, littleEndian);
      if ("directory" in entry) {
        view.setUint16(to + 2, LONG, littleEndian);
        view.setUint32(to + 4, 1, littleEndian);
        view.setUint32(to + 8, write(entry.directory), littleEndian);
        continue;
      }
      const { bytes } = entry;
      view.setUint16(to + 2, entry.type, littleEndian);
      view.setUint32(to + 4, entry.count, littleEndian);
      if (bytes.length <= 4) table.set(bytes, to + 8);
      else {
        view.setUint32(to + 8, end, littleEndian);
        // Values begin at even offsets.
        const padded = concat([bytes, new Uint8Array(bytes.length & 1)]);
        parts.push(padded);
        end += padded.length;
      }
    }
    return at;
  };
  write(root);
  return concat(parts);
}
