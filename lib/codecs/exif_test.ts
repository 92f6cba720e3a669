import assert from "node:assert/strict";
import { concat, latin1, viewOf } from "./bytes.ts";
import {
  exifResolution,
  readOrientation,
  resetExif,
  resolutionExif,
  shortenedExif,
  withoutLocation,
} from "./exif.ts";
import { exifBlock } from "./test_images.ts";
import { type Directory, type Value, writeBlock } from "./tiff_block.ts";

const SIZE = { width: 133, height: 201 };

/** A number in a block's byte order. */
function numbers(
  littleEndian: boolean,
  width: 2 | 4,
  ...values: number[]
): Uint8Array {
  const bytes = new Uint8Array(width * values.length);
  const view = viewOf(bytes);
  values.forEach((value, i) =>
    width === 2
      ? view.setUint16(2 * i, value, littleEndian)
      : view.setUint32(4 * i, value, littleEndian)
  );
  return bytes;
}

/** Tag, type, count and value of an entry. */
type Entry = readonly [number, number, number, Uint8Array];

/** An EXIF block: the first directory's last entry points to the second. */
function block(
  littleEndian: boolean,
  first: readonly Entry[],
  pointer: number,
  second: readonly Entry[],
): Uint8Array<ArrayBuffer> {
  const u16 = (...values: number[]): Uint8Array =>
    numbers(littleEndian, 2, ...values);
  const u32 = (...values: number[]): Uint8Array =>
    numbers(littleEndian, 4, ...values);
  const values: Uint8Array[] = [];
  const secondAt = 8 + 2 + 12 * (first.length + 1) + 4;
  let end = secondAt + 2 + 12 * second.length + 4;
  const table = (entries: readonly Entry[]): Uint8Array =>
    concat([
      u16(entries.length),
      ...entries.flatMap(([tag, type, count, value]) => {
        const head = [u16(tag, type), u32(count)];
        if (value.length <= 4) {
          return [...head, value, new Uint8Array(4 - value.length)];
        }
        values.push(value);
        end += value.length;
        return [...head, u32(end - value.length)];
      }),
      u32(0),
    ]);
  return concat([
    latin1(littleEndian ? "II" : "MM"),
    u16(42),
    u32(8),
    table([...first, [pointer, 4, 1, u32(secondAt)]]),
    table(second),
    ...values,
  ]);
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little" : "big";

  Deno.test(`readOrientation reads all eight values, ${order}-endian`, () => {
    for (let value = 1; value <= 8; value++) {
      assert.equal(readOrientation(exifBlock(value, { littleEndian })), value);
    }
  });

  Deno.test(`resetExif changes the orientation and the thumbnail's link only, ${order}-endian`, () => {
    assert.deepEqual(
      resetExif(exifBlock(6, { littleEndian }), SIZE),
      exifBlock(1, { littleEndian, next: 0 }),
    );
  });
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little" : "big";
  const short = (value: number): Uint8Array => numbers(littleEndian, 2, value);
  const long = (value: number): Uint8Array => numbers(littleEndian, 4, value);

  Deno.test(`every orientation and size is set, whatever their type, ${order}-endian`, () => {
    const make = (o: number, width: number, height: number): Uint8Array =>
      block(
        littleEndian,
        [
          [0x0100, 3, 1, short(width)],
          [0x0101, 4, 1, long(height)],
          [0x0112, 3, 1, short(o)],
          [0x0112, 4, 1, long(o)],
          [0x013b, 2, 9, latin1("A Nobody\0")],
        ],
        0x8769,
        [[0xa002, 3, 1, short(width)], [0xa003, 4, 1, long(height)]],
      );
    assert.deepEqual(resetExif(make(6, 201, 133), SIZE), make(1, 133, 201));
  });

  Deno.test(`a block that is too long keeps its short entries, ${order}-endian`, () => {
    const artist = latin1("A Nobody\0");
    const date = latin1("2026:11:28 00:00:00\0");
    const long = new Uint8Array(70_000).fill(7);
    const exif = block(
      littleEndian,
      [[0x0112, 3, 1, short(1)], [0x013b, 2, 9, artist], [
        0xc000,
        7,
        70_000,
        long,
      ]],
      0x8769,
      [[0x9003, 2, 20, date], [0x927c, 7, 4, latin1("note")]],
    );
    const shorter = shortenedExif(exif, 65_000)!;
    assert.ok(shorter.length < 300);
    assert.equal(readOrientation(shorter), 1);
    const text = new TextDecoder("latin1").decode(shorter);
    assert.ok(text.includes("A Nobody") && text.includes("2026:11:28"));
    assert.ok(!text.includes("note"));
    // The second time there is nothing to leave out.
    assert.deepEqual(shortenedExif(shorter, 65_000), shorter);
    assert.ok(shortenedExif(exif, 120)!.length <= 120);
  });
}

Deno.test("attack: entries that all have the same long value, or none that fits", () => {
  const value = new Uint8Array(60_000);
  const entries = Array.from(
    { length: 3000 },
    (_, i): Entry => [i + 1, 7, 60_000, value],
  );
  const first = block(true, entries.slice(0, 1), 0x8769, []);
  const exif = concat([first, new Uint8Array(12 * 3000)]);
  const at = exif.length - value.length - 12 * 3000;
  const view = viewOf(exif);
  // A directory of 3000 entries in the first value, each of which has the same bytes.
  view.setUint32(4, at, true);
  view.setUint16(at, 3000, true);
  for (let i = 0; i < 3000; i++) {
    view.setUint16(at + 2 + 12 * i, i + 1, true);
    view.setUint16(at + 4 + 12 * i, 7, true);
    view.setUint32(at + 6 + 12 * i, 60_000, true);
    view.setUint32(at + 10 + 12 * i, 8, true);
  }
  assert.ok(shortenedExif(exif, 65_000)!.length <= 65_000);
  // A pointer to a directory of GPS, so that the block is written anew.
  view.setUint16(at + 2, 0x8825, true);
  view.setUint16(at + 4, 4, true);
  view.setUint32(at + 6, 1, true);
  assert.ok(withoutLocation(exif)!.length <= exif.length);
  assert.equal(shortenedExif(new Uint8Array(100), 50), undefined);
});

Deno.test("a resolution alone is a block that is read", () => {
  const exif = resolutionExif(300, 150);
  assert.equal(readOrientation(exif), null);
  assert.deepEqual(shortenedExif(exif, 1000), exif);
  assert.deepEqual(exifResolution(exif), { x: 300, y: 150, unit: "inch" });
  const view = viewOf(exif);
  assert.deepEqual(
    [view.getUint32(50, true), view.getUint32(54, true)],
    [300, 1],
  );
  // The unit is the third entry's value: centimetres, none.
  exif[8 + 2 + 2 * 12 + 8] = 3;
  assert.deepEqual(exifResolution(exif), {
    x: 30_000,
    y: 15_000,
    unit: "metre",
  });
  exif[8 + 2 + 2 * 12 + 8] = 1;
  assert.equal(exifResolution(exif), undefined);
  // A fraction whose lower half is 0.
  view.setUint32(54, 0, true);
  assert.equal(exifResolution(exif), undefined);
  assert.equal(exifResolution(new Uint8Array(40)), undefined);
});

Deno.test("an orientation outside 1 to 8 is none", () => {
  assert.equal(readOrientation(exifBlock(0)), null);
  assert.equal(readOrientation(exifBlock(9)), null);
  assert.equal(readOrientation(undefined), null);
});

Deno.test("resetExif leaves the caller's bytes alone", () => {
  const exif = exifBlock(6);
  resetExif(exif, SIZE);
  assert.deepEqual(exif, exifBlock(6));
});

Deno.test("directories that point at themselves end", () => {
  const recursive = exifBlock(3, { next: 8 });
  assert.equal(readOrientation(recursive), 3);
  assert.equal(readOrientation(resetExif(recursive, SIZE)), 1);
});

Deno.test("an EXIF block cut anywhere, or that counts more entries than it has, does no harm", () => {
  const whole = exifBlock(6, { count: 0xffff });
  assert.equal(readOrientation(whole), 6);
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    // The value itself ends at byte 34.
    assert.equal(readOrientation(cut), length < 34 ? null : 6);
    assert.equal(resetExif(cut, SIZE).length, length);
  }
});

Deno.test("attack: directories that point at each other are read once, and so many of their entries", () => {
  const ENTRIES = 65535;
  const file = new Uint8Array(8 + 2 + 12 * ENTRIES + 4);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, 8]);
  view.setUint16(8, ENTRIES, true);
  for (let i = 0; i < ENTRIES; i++) {
    const pointer = [0x8769, 0x8825, 0xa005][i];
    view.setUint16(10 + 12 * i, pointer ?? 0x9000 + i % 1000, true);
    view.setUint16(12 + 12 * i, pointer === undefined ? 1 : 4, true);
    view.setUint32(14 + 12 * i, 1, true);
    view.setUint32(18 + 12 * i, 8, true);
  }
  const placeless = withoutLocation(file)!;
  assert.ok(placeless.length < 60_000, `${placeless.length}`);
  // Read once, those below it are empty, and left out.
  assert.equal(new DataView(placeless.buffer).getUint16(8, true), 4096);
});

Deno.test("a pointer of the type that libtiff writes is followed", () => {
  const IFD = 13;
  const block = exifWithDirectories();
  const long = withoutLocation(block);
  const at = 10 + 12 * 0;
  assert.equal(new DataView(block.buffer).getUint16(at, true), 0x8769);
  new DataView(block.buffer).setUint16(at + 2, IFD, true);
  assert.deepEqual(withoutLocation(block), long);
});

Deno.test("withoutLocation: entries that may tell a place go, in every directory: XMP, IPTC, all of GeoTIFF's", () => {
  const text = (tag: number): Value => ({
    tag,
    type: 2,
    count: 6,
    bytes: latin1("place\0"),
  });
  const PLACES = [700, 0x83bb, 0x830e, 0x8482, 0x85d8, 0x87af, 0x87b0, 0x87b1];
  const inner: Directory = { values: PLACES.map(text), below: new Map() };
  const stays = { ...text(0x010f), bytes: latin1("maker\0") };
  const exif = writeBlock({
    values: [stays, ...PLACES.map(text)],
    below: new Map([[0x8769, inner]]),
  }, true);
  assert.deepEqual(
    withoutLocation(exif),
    writeBlock({ values: [stays], below: new Map() }, true),
  );
});

/** EXIF's directory with the picture's width, and a GPS directory. */
function exifWithDirectories(): Uint8Array<ArrayBuffer> {
  const width = {
    tag: 0xa002,
    type: 4,
    count: 1,
    bytes: Uint8Array.of(7, 0, 0, 0),
  };
  const place = { tag: 1, type: 2, count: 2, bytes: Uint8Array.of(78, 0) };
  const one = (value: typeof width): Directory => ({
    values: [value],
    below: new Map(),
  });
  return writeBlock({
    values: [],
    below: new Map([[0x8769, one(width)], [0x8825, one(place)]]),
  }, true);
}

Deno.test("resetExif: a turned image's resolutions change places", () => {
  const rational = (tag: number, value: number): Value => ({
    tag,
    type: 5,
    count: 1,
    bytes: Uint8Array.of(value, 0, 0, 0, 1, 0, 0, 0),
  });
  const exif = writeBlock({
    values: [rational(282, 72), rational(283, 36)],
    below: new Map(),
  }, true);
  const { x, y } = exifResolution(resetExif(exif, SIZE, true))!;
  assert.deepEqual([x, y], [36, 72]);
  assert.deepEqual(resetExif(exif, SIZE), exif);
});
