/**
 * Concatenates the JPEGs of an image's bands. The result has the same bytes as
 * the image encoded in one piece, for which libjpeg-turbo's wrapper takes 14
 * bytes a pixel. Only the first block of each component is decoded.
 */
import { latin1, viewOf } from "../bytes.ts";
import { jpegSegments, MARKER } from "./header.ts";

/**
 * Appends band after band. A block's mean (DC) is coded as the difference to
 * that of the block before it, so the first blocks of a band need the last
 * means of the band above. Its bits also follow that band's last bit, which may
 * be within a byte.
 */
export class JpegStripConcatenator {
  #head: Head | null = null;
  #tables: Tables | null = null;
  readonly #parts: Uint8Array[] = [];
  readonly #out = new BitWriter();
  /** Means (DC) of the last block of each component. */
  #means: readonly number[] = [];

  /**
   * @param file JPEG of the next rows. Their number is a multiple of 8, except
   * at the bottom; all bands have the same width and encoder settings.
   * @param corner JPEG of the block in the lower right corner of those rows,
   * with the same settings: its means are differences to 0.
   */
  add(file: Uint8Array, corner: Uint8Array): void {
    const band = new Scan(file, this.#tables);
    const last = new Scan(corner, band.tables);
    this.#tables = band.tables;
    let from = 0;
    if (this.#head === null) this.#head = band.head;
    else {
      for (const [c, block] of band.blocks.entries()) {
        band.dc[c]!.write(this.#out, block.mean - this.#means[c]!);
        this.#out.copy(band.bits, block.from, block.to);
        from = block.to;
      }
    }
    // Ones pad the last byte. No block is all ones, so without padding the band
    // ends in as many ones as its last block alone.
    const length = 8 * band.bits.length;
    const fill = onesBefore(band.bits, length) -
      onesBefore(last.bits, last.blocks.at(-1)!.to);
    this.#out.copy(band.bits, from, length - fill);
    this.#parts.push(this.#out.take());
    this.#means = last.blocks.map(({ mean }) => mean);
  }

  /**
   * Ends the file and returns its parts.
   *
   * @param height Height of the whole image.
   */
  end(height: number): Uint8Array[] {
    const { bytes, heightAt } = this.#head!;
    viewOf(bytes).setUint16(heightAt, height);
    this.#out.fill();
    return [bytes, ...this.#parts, this.#out.take(), END];
  }
}

const END = latin1("\xff\xd9");

/** The bytes before the pixels. */
interface Head {
  readonly bytes: Uint8Array;
  /** Offset of the image's height, two bytes. */
  readonly heightAt: number;
}

/**
 * A block of one component: its mean as difference to the block before, and the
 * range of its other coefficients in bits.
 */
interface Block {
  readonly mean: number;
  readonly from: number;
  readonly to: number;
}

/** A JPEG as libjpeg-turbo writes it: all tables, then one scan. */
class Scan {
  readonly head: Head;
  readonly tables: Tables;
  /** Huffman tables of the means, for each component. */
  readonly dc: readonly HuffmanTable[];
  /** The entropy-coded data, without stuffed zeros and end marker. */
  readonly bits: Uint8Array;
  /** The first block of each component. */
  readonly blocks: readonly Block[];

  /** @param known Tables of a file with the same settings; `null` for none. */
  constructor(file: Uint8Array, known: Tables | null) {
    const tables = known ?? new Map();
    let heightAt = 0;
    let start = 0;
    let selectors: readonly number[] = [];
    for (const { code, at, data } of jpegSegments(file)) {
      // Marker, length and precision precede it.
      if (code === MARKER.SOF0) heightAt = at + 5;
      if (code === MARKER.DHT && known === null) readTables(data, tables);
      if (code !== MARKER.SOS) continue;
      start = at + 4 + data.length;
      // After the count: two bytes each, a component and its two tables (ITU-T
      // T.81, B.2.3).
      selectors = [2, 4, 6].map((i) => data[i]!);
      break;
    }
    this.tables = tables;
    this.head = { bytes: file.slice(0, start), heightAt };
    this.bits = unstuffed(file.subarray(start, -END.length));
    this.dc = selectors.map((both) => tables.get(both >> 4)!);
    const ac = selectors.map((both) => tables.get(AC | both & 15)!);
    const reader = new BitReader(this.bits);
    this.blocks = this.dc.map((dc, c) => readBlock(reader, dc, ac[c]!));
  }
}

/** Reads a block (ITU-T T.81, F.2.2). */
function readBlock(
  reader: BitReader,
  dc: HuffmanTable,
  ac: HuffmanTable,
): Block {
  const size = dc.read(reader);
  const value = reader.read(size);
  const mean = value < 2 ** (size - 1) ? value - 2 ** size + 1 : value;
  const from = reader.at;
  for (let k = 1; k < 64; k++) {
    const symbol = ac.read(reader);
    const zeros = symbol >> 4;
    const bits = symbol & 15;
    if (bits === 0 && zeros < 15) break; // end of block: the rest is 0
    k += zeros;
    reader.at += bits;
  }
  return { mean, from, to: reader.at };
}

/** Bit that marks an AC table in a table's number. */
const AC = 16;

/** Huffman tables by their numbers in the file. */
type Tables = Map<number, HuffmanTable>;

/** Reads the tables of a DHT segment (ITU-T T.81, B.2.4.2). */
function readTables(data: Uint8Array, tables: Tables): void {
  for (let at = 0; at < data.length;) {
    const counts = data.subarray(at + 1, at + 17);
    const end = at + 17 + counts.reduce((sum, count) => sum + count, 0);
    tables.set(
      data[at]!,
      new HuffmanTable(counts, data.subarray(at + 17, end)),
    );
    at = end;
  }
}

/** Codes of 1 to 16 bits, in both directions. */
class HuffmanTable {
  /** Keys are codes with a 1 in front, which marks their length. */
  readonly #symbols = new Map<number, number>();
  readonly #codes = new Map<number, { code: number; length: number }>();

  /** @param counts Number of codes of each length; `symbols` in that order. */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    let code = 0;
    let next = 0;
    for (const [i, count] of counts.entries()) {
      for (const symbol of symbols.subarray(next, next + count)) {
        this.#symbols.set(code | 2 << i, symbol);
        this.#codes.set(symbol, { code: code++, length: i + 1 });
      }
      next += count;
      code <<= 1;
    }
  }

  read(reader: BitReader): number {
    for (let code = 1; code < 2 ** 17;) {
      code = code << 1 | reader.read(1);
      const symbol = this.#symbols.get(code);
      if (symbol !== undefined) return symbol;
    }
    throw new TypeError("A code is not in its table.");
  }

  /**
   * Writes a difference of means: the code of its size in bits, then its bits
   * (ITU-T T.81, F.1.2.1).
   */
  write(out: BitWriter, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value));
    const { code, length } = this.#codes.get(size)!;
    out.put(code, length);
    out.put(value < 0 ? value + 2 ** size - 1 : value, size);
  }
}

class BitReader {
  /** Position in bits. */
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      value = value << 1 | this.#bytes[this.at >> 3]! >> 7 - (this.at & 7) & 1;
    }
    return value;
  }
}

/** Writes bits, with a zero byte stuffed in after each 0xff. */
class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** The last bits written; the lowest `#pending` do not fill a byte yet. */
  #last = 0;
  #pending = 0;

  /** @param count 0 to 16. */
  put(value: number, count: number): void {
    this.#reserve(3);
    this.#last = this.#last << count | value;
    this.#pending += count;
    while (this.#pending >= 8) {
      this.#pending -= 8;
      this.#byte(this.#last >>> this.#pending & 255);
    }
  }

  /** Writes the bits of `bytes` from `from` to `to`. */
  copy(bytes: Uint8Array, from: number, to: number): void {
    const reader = new BitReader(bytes);
    const at = Math.min(to, from + 7 & ~7);
    reader.at = from;
    this.put(reader.read(at - from), at - from);
    this.#reserve(to - at >> 3);
    // Not put() for each byte: almost all data is copied here.
    const out = this.#bytes;
    const pending = this.#pending;
    let length = this.#length;
    let last = this.#last;
    const end = to >> 3;
    for (let i = at >> 3; i < end; i++) {
      last = last << 8 | bytes[i]!;
      const byte = last >>> pending & 255;
      out[length++] = byte;
      if (byte === 0xff) out[length++] = 0;
    }
    this.#length = length;
    this.#last = last;
    const rest = Math.max(at, end << 3);
    reader.at = rest;
    this.put(reader.read(to - rest), to - rest);
  }

  /** Pads the last byte with ones. */
  fill(): void {
    const rest = -this.#pending & 7;
    this.put(2 ** rest - 1, rest);
  }

  /** Returns the complete bytes since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #byte(byte: number): void {
    this.#bytes[this.#length++] = byte;
    if (byte === 0xff) this.#bytes[this.#length++] = 0;
  }

  /** Makes room for `count` bytes, each of which may need a zero after it. */
  #reserve(count: number): void {
    const length = this.#length + 2 * count;
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * length);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** How many one bits precede a bit position. */
function onesBefore(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && bytes[at - 1 >> 3]! >> 7 - (at - 1 & 7) & 1) at--;
  return end - at;
}

/** Removes the zero after each 0xff. */
function unstuffed(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    plain[length++] = byte;
    if (byte === 0xff) i++;
  }
  return plain.subarray(0, length);
}
