/** Reads the directory of a TIFF file's image (Adobe, revision 6.0, section 2). */
import { LimpidError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import {
  Block,
  BYTE,
  bytesOf,
  type Entry,
  ENTRY_BYTES,
  LONG,
  SHORT,
  UNDEFINED,
} from "../tiff_block.ts";

/** Tags of entries. */
export const TAG = {
  SUBFILE: 254,
  WIDTH: 256,
  HEIGHT: 257,
  BITS: 258,
  COMPRESSION: 259,
  PHOTOMETRIC: 262,
  FILL_ORDER: 266,
  STRIP_OFFSETS: 273,
  ORIENTATION: 274,
  SAMPLES: 277,
  ROWS_PER_STRIP: 278,
  STRIP_BYTES: 279,
  X_RESOLUTION: 282,
  Y_RESOLUTION: 283,
  PLANAR: 284,
  RESOLUTION_UNIT: 296,
  PREDICTOR: 317,
  TILE_WIDTH: 322,
  TILE_HEIGHT: 323,
  TILE_OFFSETS: 324,
  TILE_BYTES: 325,
  EXTRA: 338,
  SAMPLE_FORMAT: 339,
  XMP: 700,
  IPTC: 33723,
  PHOTOSHOP: 34377,
  ICC: 34675,
  DNG: 50706,
} as const;

/**
 * Entries that say how an image lies in its file, or where something else
 * does: they mean nothing in another file.
 */
export const STRUCTURE: ReadonlySet<number> = new Set([
  ...[254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278],
  ...[279, 280, 281, 284, 288, 289, 290, 291, 292, 293, 301, 317, 318, 319],
  ...[320, 321, 322, 323, 324, 325, 330, 332, 338, 339, 340, 341, 342, 347],
  ...[512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 700],
  ...[33723, 34377, 34675, 50706],
]);

/** Most images that a file may have. */
const MAX_IMAGES = 1000;
/** Types that are read as numbers. */
const NUMBERS: readonly number[] = [BYTE, SHORT, LONG];

/** Whether a file's numbers have their low byte first. */
export function isLittleEndian(bytes: Uint8Array): boolean {
  return viewOf(bytes).getUint16(0) === 0x4949;
}

/**
 * The directories of a file's images, each once.
 *
 * @throws {LimpidError} `corrupt-image` where there are too many
 */
export function directoriesOf(bytes: Uint8Array): ImageDirectory[] {
  const block = new Block(bytes, isLittleEndian(bytes));
  const seen = new Set<number>();
  let at = block.first;
  while (at >= 8 && at + 2 <= bytes.length && !seen.has(at)) {
    seen.add(at);
    if (seen.size > MAX_IMAGES) throw damaged("it has too many images");
    const next = at + 2 + ENTRY_BYTES * block.u16(at);
    if (next + 4 > bytes.length) break;
    at = block.u32(next);
  }
  return [...seen].map((at) => new ImageDirectory(block, at));
}

/** What a file says of one image. */
export class ImageDirectory {
  readonly #block: Block;
  readonly #at: number;

  constructor(block: Block, at: number) {
    this.#block = block;
    this.#at = at;
  }

  /** `null` where it is missing. */
  entry(tag: number): Entry | null {
    for (const entry of this.#block.entries(this.#at)) {
      if (entry.tag === tag) return entry;
    }
    return null;
  }

  /** The first number of an entry; `null` where it is missing or invalid. */
  number(tag: number): number | null {
    return this.numbers(tag, 1)?.[0] ?? null;
  }

  /**
   * The numbers of an entry, the first `most` of them; `null` where it is
   * missing or invalid.
   */
  numbers(tag: number, most: number): number[] | null {
    const entry = this.entry(tag);
    if (entry === null || !NUMBERS.includes(entry.type)) return null;
    const { bytes, view } = this.#block;
    const size = bytesOf(entry.type);
    const from = this.#block.valueAt(entry);
    const read = Math.min(entry.count, most);
    if (read === 0 || from + read * size > bytes.length) return null;
    return Array.from({ length: read }, (_, i) => {
      const at = from + i * size;
      return size === 1
        ? view.getUint8(at)
        : size === 2
        ? this.#block.u16(at)
        : this.#block.u32(at);
    });
  }

  /** The bytes of an entry, as they lie in the file; `null` where it is missing or invalid. */
  bytes(tag: number): Uint8Array | null {
    const entry = this.entry(tag);
    if (entry === null || ![...NUMBERS, UNDEFINED].includes(entry.type)) {
      return null;
    }
    const { bytes } = this.#block;
    const length = bytesOf(entry.type) * entry.count;
    const from = this.#block.valueAt(entry);
    return from + length > bytes.length
      ? null
      : bytes.subarray(from, from + length);
  }
}

/** The error of a damaged file. */
export function damaged(why: string): LimpidError {
  return new LimpidError("corrupt-image", `The TIFF is damaged: ${why}.`);
}
