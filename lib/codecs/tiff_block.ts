/**
 * Blocks of the structure of TIFF, which EXIF has too: directories of entries,
 * which may point to more (TIFF 6.0, section 2). A directory is read once, and
 * so many of its entries, wherever they point.
 */
import { concat, latin1, viewOf } from "./bytes.ts";

/** Types of values. */
export const BYTE = 1,
  ASCII = 2,
  SHORT = 3,
  LONG = 4,
  RATIONAL = 5,
  UNDEFINED = 7;
/** As LONG, of a pointer to a directory; libtiff writes it so. */
const IFD = 13;
/** Bytes of an entry. */
export const ENTRY_BYTES = 12;
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

/** Bytes of one of a value's numbers or characters; 0 for a type that does not exist. */
export function bytesOf(type: number): number {
  return TYPE_BYTES[type] ?? 0;
}

/** Tags of entries that point to another directory. */
export const EXIF_POINTER = 0x8769, GPS_POINTER = 0x8825;
const INTEROPERABILITY = 0xa005;
const POINTERS: ReadonlySet<number> = new Set([
  EXIF_POINTER,
  GPS_POINTER,
  INTEROPERABILITY,
]);
/** Notes of a camera's maker, which are only valid at their old offset. */
const MAKER_NOTE = 0x927c;

/** An entry: its offset, and the type and count of its value. */
export interface Entry {
  readonly at: number;
  readonly tag: number;
  readonly type: number;
  readonly count: number;
}

/** A block whose entries are looked at. */
export class Block {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** Offset of the first directory. */
  readonly first: number;
  /** Bytes that values may still take: values that overlap could take thousands of times what there is. */
  #left: number;
  /** Offsets of the directories that were read. */
  readonly #read = new Set<number>();

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.littleEndian = littleEndian;
    this.first = this.u32(4);
    this.#left = bytes.length;
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

  /** Where an entry's value begins, which may be beyond the block: in the entry itself, if it fits. */
  valueAt({ at, type, count }: Entry): number {
    return bytesOf(type) * count <= 4 ? at + 8 : this.u32(at + 8);
  }

  /** The bytes of a value; `null` where there are fewer, or others had them. */
  value(entry: Entry): Uint8Array | null {
    const length = bytesOf(entry.type) * entry.count;
    const from = this.valueAt(entry);
    if (
      length === 0 || from + length > this.bytes.length || length > this.#left
    ) return null;
    this.#left -= length;
    return this.bytes.subarray(from, from + length);
  }

  /** Whether a directory is read for the first time. */
  enter(directory: number): boolean {
    const first = !this.#read.has(directory);
    this.#read.add(directory);
    return first;
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
    return type === LONG || type === IFD ? this.u32(at + 8) : null;
  }

  /** Sets the number stored in an entry, if it holds one and the value fits. */
  setNumber(entry: Entry, value: number): void {
    if (this.number(entry) === null) return;
    if (entry.type !== SHORT) {
      this.view.setUint32(entry.at + 8, value, this.littleEndian);
    } else if (value <= 0xffff) {
      this.view.setUint16(entry.at + 8, value, this.littleEndian);
    }
  }
}

/** An entry with its value, in the byte order of its block. */
export interface Value {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A directory with the directories that its entries point to. */
export interface Directory {
  values: readonly Value[];
  readonly below: Map<number, Directory>;
}

/** Depth of the deepest directory: interoperability, in EXIF, in the first. */
const DEPTH = 2;
/** Most values of a directory; cameras write some hundred. */
const MOST_VALUES = 4096;

/** The directories of a block, without the notes of a camera's maker. */
export function readDirectory(
  block: Block,
  at = block.first,
  depth = 0,
): Directory {
  const values: Value[] = [];
  const below = new Map<number, Directory>();
  if (!block.enter(at)) return { values, below };
  for (const entry of block.entries(at)) {
    if (values.length === MOST_VALUES) break;
    const { tag, type, count } = entry;
    if (POINTERS.has(tag)) {
      const target = block.number(entry);
      if (target !== null && depth < DEPTH && !below.has(tag)) {
        below.set(tag, readDirectory(block, target, depth + 1));
      }
      continue;
    }
    if (tag === MAKER_NOTE) continue;
    const bytes = block.value(entry);
    if (bytes === null) continue;
    values.push({ tag, type, count, bytes });
  }
  return { values, below };
}

/** A directory and those below it. */
export function* everyDirectory(directory: Directory): Generator<Directory> {
  yield directory;
  for (const below of directory.below.values()) yield* everyDirectory(below);
}

/** A directory without empty ones below it: readers refuse a file for them (TIFF 6.0, page 14). */
function withoutEmpty({ values, below }: Directory): Directory {
  const kept = [...below].map(([tag, inner]) =>
    [tag, withoutEmpty(inner)] as const
  ).filter(([, inner]) => inner.values.length + inner.below.size > 0);
  return { values, below: new Map(kept) };
}

/** Writes a block; its first directory follows its head. */
export function writeBlock(
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
  write(withoutEmpty(root));
  return concat(parts);
}
