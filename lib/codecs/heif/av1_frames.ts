/**
 * The sizes of the AV1 frames in a HEIF file, from their sequence headers (AV1
 * Bitstream and Decoding Process Specification, 5.5). A decoder makes room for
 * these, whatever the file's boxes say of its images.
 */
import type { Size } from "../../tiling/tile_plan.ts";
import { LimpidError } from "../../errors.ts";
import { concat, textAt } from "../bytes.ts";
import type { Box } from "./boxes.ts";

/** Most pieces of all items together. */
const MOST_PIECES = 2 ** 16;
/** How often a file's bytes may be used by items: alpha may share an image's. */
const MOST_SHARED = 4;
/** Bytes of a configuration before its units. */
const CONFIG = 4;
/** Type of the unit that is a sequence header. */
const SEQUENCE_HEADER = 1;
/** Where an item's data is: in the file, or in the box `idat`. */
const IN_FILE = 0, IN_IDAT = 1;

/**
 * The largest frame of each AV1 image: of all sequence headers in its data and
 * in the configurations, whichever of them a decoder heeds.
 *
 * @param boxes Those in `meta`.
 * @param properties Those of all images.
 * @throws {LimpidError} `corrupt-image` where images are in far more pieces, or
 * have far more data, than the file; `unsupported-format` for an overlay of
 * images, whose size only its data tells.
 */
export function av1Frames(
  bytes: Uint8Array,
  view: DataView,
  boxes: readonly Box[],
  properties: readonly Box[],
): readonly Size[] {
  const coded = itemsOfType(bytes, view, boxes, "av01");
  if (itemsOfType(bytes, view, boxes, "iovl").size > 0) {
    throw new LimpidError(
      "unsupported-format",
      "The HEIC or AVIF file is an overlay of images, which is not read; save it as PNG or JPEG.",
    );
  }
  const data = boxes.find(({ type }) => type === "idat");
  const streams = new Map<number, Uint8Array[]>();
  let total = 0;
  for (const { item, method, from, length } of placesOf(view, boxes)) {
    if (!coded.has(item)) continue;
    const start = method === IN_FILE
      ? from
      : method === IN_IDAT && data !== undefined
      ? data.from + from
      : bytes.length;
    const end = length === 0 ? bytes.length : start + length;
    const piece = bytes.subarray(start, end);
    total += piece.length;
    if (total > MOST_SHARED * bytes.length) throw tooMany();
    const pieces = streams.get(item);
    if (pieces === undefined) streams.set(item, [piece]);
    else pieces.push(piece);
  }
  const configured = largest(
    properties.filter(({ type }) => type === "av1C")
      .map(({ from, to }) => largestIn(bytes.subarray(from + CONFIG, to))),
  );
  return [...streams.values()].flatMap((pieces) => {
    const size = largest([largestIn(concat(pieces)), configured]);
    return size === null ? [] : [size];
  });
}

function largest(frames: readonly (Size | null)[]): Size | null {
  return frames.reduce(
    (a, b) =>
      b !== null && (a === null || b.width * b.height > a.width * a.height)
        ? b
        : a,
    null,
  );
}

function tooMany(): LimpidError {
  return new LimpidError(
    "corrupt-image",
    "The HEIC or AVIF file is damaged: its images are in far more pieces than it has.",
  );
}

/** Ids of the items of a type. */
function itemsOfType(
  bytes: Uint8Array,
  view: DataView,
  boxes: readonly Box[],
  wanted: string,
): ReadonlySet<number> {
  const found = new Set<number>();
  const list = boxes.find(({ type }) => type === "iinf");
  if (list === undefined) return found;
  const reader = new Fields(view, list.from, list.to);
  const count = reader.full() === 0 ? reader.take(2) : reader.take(4);
  for (let i = 0; i < count && reader.left > 12; i++) {
    const start = reader.at;
    const length = reader.take(4);
    reader.skip(4); // "infe"
    const version = reader.full();
    const id = reader.take(version < 3 ? 2 : 4);
    reader.skip(2);
    if (version >= 2 && textAt(bytes, reader.at, 4) === wanted) found.add(id);
    if (length < 8) break;
    reader.at = start + length;
  }
  return found;
}

/** Where a piece of an item is. */
interface Place {
  readonly item: number;
  readonly method: number;
  readonly from: number;
  /** 0: to the end. */
  readonly length: number;
}

function placesOf(view: DataView, boxes: readonly Box[]): readonly Place[] {
  const box = boxes.find(({ type }) => type === "iloc");
  if (box === undefined) return [];
  const reader = new Fields(view, box.from, box.to);
  const version = reader.full();
  const sizes = reader.take(2);
  const [offset, length, base, index] = [12, 8, 4, 0].map((shift) =>
    sizes >> shift & 15
  ) as [number, number, number, number];
  const count = reader.take(version < 2 ? 2 : 4);
  const places: Place[] = [];
  let extents = 0;
  for (let i = 0; i < count && reader.left > 0; i++) {
    const item = reader.take(version < 2 ? 2 : 4);
    const method = version === 0 ? IN_FILE : reader.take(2) & 15;
    reader.skip(2);
    const start = reader.take(base);
    const pieces = reader.take(2);
    for (let k = 0; k < pieces; k++) {
      if (++extents > MOST_PIECES) throw tooMany();
      if (version > 0) reader.skip(index);
      const from = start + reader.take(offset);
      const own = reader.take(length);
      places.push({ item, method, from, length: own });
    }
  }
  return places;
}

/** The largest frame of a stream's sequence headers; `null` for none that can be read. */
function largestIn(stream: Uint8Array): Size | null {
  let found: Size | null = null;
  for (let at = 0; at < stream.length;) {
    const head = stream[at]!;
    at += (head & 4) === 0 ? 1 : 2;
    let length = stream.length - at;
    if ((head & 2) !== 0) {
      [length, at] = leb128(stream, at);
    }
    if ((head >> 3 & 15) === SEQUENCE_HEADER) {
      const size = maxFrame(new Bits(stream.subarray(at, at + length)));
      found = largest([found, size]);
    }
    at += length;
  }
  return found;
}

/** A sequence header, as far as the size. */
function maxFrame(bits: Bits): Size | null {
  bits.take(3); // seq_profile
  bits.take(1); // still_picture
  if (bits.take(1) === 1) bits.take(5); // reduced_still_picture_header
  else skipOperatingPoints(bits);
  const across = bits.take(4) + 1;
  const down = bits.take(4) + 1;
  const size = { width: bits.take(across) + 1, height: bits.take(down) + 1 };
  return bits.ended ? null : size;
}

function skipOperatingPoints(bits: Bits): void {
  let delay = 0;
  if (bits.take(1) === 1) { // timing_info_present_flag
    bits.skip(64);
    if (bits.take(1) === 1) { // equal_picture_interval
      let zeros = 0;
      while (!bits.ended && zeros < 32 && bits.take(1) === 0) zeros++;
      bits.skip(zeros);
    }
    if (bits.take(1) === 1) { // decoder_model_info_present_flag
      delay = bits.take(5) + 1;
      bits.skip(42);
    }
  }
  const delayed = bits.take(1) === 1; // initial_display_delay_present_flag
  const points = bits.take(5) + 1;
  for (let i = 0; i < points; i++) {
    bits.skip(12);
    if (bits.take(5) > 7) bits.skip(1);
    if (delay > 0 && bits.take(1) === 1) bits.skip(2 * delay + 1);
    if (delayed && bits.take(1) === 1) bits.skip(4);
  }
}

/** A number in groups of seven bits, the lowest first, and where it ends. */
function leb128(bytes: Uint8Array, from: number): [number, number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[from + i] ?? 0;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return [value, from + i + 1];
  }
  return [value, from + 8];
}

/** Numbers of whole bytes, one after the other; 0 beyond the end. */
class Fields {
  readonly #view: DataView;
  readonly #to: number;
  at: number;

  constructor(view: DataView, from: number, to: number) {
    this.#view = view;
    this.at = from;
    this.#to = to;
  }

  get left(): number {
    return this.#to - this.at;
  }

  take(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++, this.at++) {
      value = 256 * value +
        (this.at < this.#to ? this.#view.getUint8(this.at) : 0);
    }
    return value;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** The version of a full box, whose flags are passed over. */
  full(): number {
    const version = this.take(1);
    this.skip(3);
    return version;
  }
}

/** Numbers of single bits; 0 beyond the end. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at > 8 * this.#bytes.length;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = 2 * value + (byte >> (7 - (this.#at & 7)) & 1);
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }
}
