/** Reads the directory of a TIFF file's image (Adobe, revision 6.0, section 2). */
import { LimpidError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import { ENTRY_BYTES, UNDEFINED } from "../tiff_block.ts";

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
/** Bytes of a BYTE, SHORT or LONG; other types are not read as numbers. */
const BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4 };

/** Whether a file's numbers have their low byte first. */
export function isLittleEndian(bytes: Uint8Array): boolean {
  return viewOf(bytes).getUint16(0) === 0x4949;
}

/**
 * The directories of a file's images, each once.
 *
 * @throws {LimpidError} `corrupt-image` where there are too many
 */
export function directoriesOf(bytes: Uint8Array): Directory[] {
  const view = viewOf(bytes);
  const little = isLittleEndian(bytes);
  const seen = new Set<number>();
  let at = view.getUint32(4, little);
  while (at >= 8 && at + 2 <= view.byteLength && !seen.has(at)) {
    seen.add(at);
    if (seen.size > MAX_IMAGES) throw damaged("it has too many images");
    const next = at + 2 + ENTRY_BYTES * view.getUint16(at, little);
    if (next + 4 > view.byteLength) break;
    at = view.getUint32(next, little);
  }
  return [...seen].map((at) => new Directory(view, little, at));
}

/** What a file says of one image. */
export class Directory {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #at: number;

  constructor(view: DataView, little: boolean, at: number) {
    this.#view = view;
    this.#little = little;
    this.#at = at;
  }

  /** Where an entry is; `null` where it is missing. */
  entryAt(tag: number): number | null {
    const count = this.#view.getUint16(this.#at, this.#little);
    for (let i = 0; i < count; i++) {
      const at = this.#at + 2 + ENTRY_BYTES * i;
      if (at + ENTRY_BYTES > this.#view.byteLength) return null;
      if (this.#view.getUint16(at, this.#little) === tag) return at;
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
    const at = this.entryAt(tag);
    if (at === null) return null;
    const size = BYTES[this.#view.getUint16(at + 2, this.#little)];
    if (size === undefined) return null;
    const count = this.#view.getUint32(at + 4, this.#little);
    const from = count * size <= 4
      ? at + 8
      : this.#view.getUint32(at + 8, this.#little);
    const read = Math.min(count, most);
    if (read === 0 || from + read * size > this.#view.byteLength) return null;
    return Array.from(
      { length: read },
      (_, i) => this.#number(size, from + i * size),
    );
  }

  /** The bytes of an entry, as they lie in the file; `null` where it is missing or invalid. */
  bytes(tag: number): Uint8Array | null {
    const at = this.entryAt(tag);
    if (at === null) return null;
    const type = this.#view.getUint16(at + 2, this.#little);
    const size = type === UNDEFINED ? 1 : BYTES[type];
    if (size === undefined) return null;
    const length = size * this.#view.getUint32(at + 4, this.#little);
    const from = length <= 4
      ? at + 8
      : this.#view.getUint32(at + 8, this.#little);
    if (from + length > this.#view.byteLength) return null;
    const { buffer, byteOffset } = this.#view;
    return new Uint8Array(buffer, byteOffset + from, length);
  }

  #number(size: number, at: number): number {
    return size === 1
      ? this.#view.getUint8(at)
      : size === 2
      ? this.#view.getUint16(at, this.#little)
      : this.#view.getUint32(at, this.#little);
  }
}

/** The error of a damaged file. */
export function damaged(why: string): LimpidError {
  return new LimpidError("corrupt-image", `The TIFF is damaged: ${why}.`);
}
