import type { NamedBlock } from "./header.ts";
import assert from "node:assert/strict";
import { concat, latin1 as latin1Bytes } from "./bytes.ts";
import { readOrientation, resolutionExif } from "./exif.ts";
import { iptcResource } from "./photoshop.ts";
import { stripMetadata } from "./strip_metadata.ts";

/** EXIF, big-endian: orientation 6, and a GPS directory that holds `name` as its map datum. */
function exifWithGps(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const block = new Uint8Array(56 + text.length);
  const view = new DataView(block.buffer);
  block.set(new TextEncoder().encode("MM"));
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 2); // two entries
  const entry = (
    at: number,
    tag: number,
    type: number,
    count: number,
    value: number,
  ): void => {
    view.setUint16(at, tag);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, count);
    if (type === 3) view.setUint16(at + 8, value);
    else view.setUint32(at + 8, value);
  };
  entry(10, 0x0112, 3, 1, 6);
  entry(22, 0x8825, 4, 1, 38);
  view.setUint16(38, 1);
  entry(40, 0x0012, 2, text.length, 56);
  block.set(text, 56);
  return block;
}

const latin1 = new TextDecoder("latin1");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const XMP =
  `<x:xmpmeta><rdf:Description exif:GPSLatitude="47,22N" dc:title="Sea" exif:GPSLongitude='8,32E'><exif:GPSAltitude>408/1</exif:GPSAltitude></rdf:Description></x:xmpmeta>`;

Deno.test("strip-location takes away what a GPS receiver said, and nothing else", () => {
  const metadata = {
    exif: exifWithGps("secret place"),
    xmp: bytes(XMP),
    comments: [bytes("by the sea")],
    icc: new Uint8Array(3),
  };
  const { exif, xmp, ...rest } = stripMetadata(metadata, "strip-location");
  assert.equal(readOrientation(exif), 6);
  assert.doesNotMatch(latin1.decode(exif), /secret/);
  assert.doesNotMatch(latin1.decode(xmp), /GPS|47,22|408/);
  assert.match(latin1.decode(xmp), /dc:title="Sea"/);
  assert.deepEqual(rest, { comments: metadata.comments, icc: metadata.icc });
});

Deno.test("strip leaves what colours and sizes mean", () => {
  const resolution = { x: 300, y: 300, unit: "inch" } as never;
  const metadata = {
    exif: exifWithGps("secret"),
    comments: [bytes("mine")],
    icc: new Uint8Array(3),
    resolution,
  };
  assert.deepEqual(stripMetadata(metadata, "strip"), {
    icc: metadata.icc,
    resolution,
  });
});

Deno.test("what has nothing to be taken away stays", () => {
  const plain = { icc: new Uint8Array(3) };
  for (const use of ["keep", "strip", "strip-location"] as const) {
    assert.deepEqual(stripMetadata(plain, use), plain);
  }
  const placeless = {
    xmp: bytes("<x:xmpmeta/>"),
    exif: resolutionExif(72, 72),
  };
  assert.deepEqual(stripMetadata(placeless, "strip-location"), placeless);
});

Deno.test("strip-location takes a GPS directory away wherever it is", () => {
  // The GPS directory becomes one of the EXIF directory.
  const inner = exifWithGps("secret place");
  new DataView(inner.buffer).setUint16(22, 0x8769);
  new DataView(inner.buffer).setUint16(40, 0x8825);
  new DataView(inner.buffer).setUint16(42, 4);
  new DataView(inner.buffer).setUint32(44, 1);
  new DataView(inner.buffer).setUint32(48, 38 - 30);
  const stripped = stripMetadata({ exif: inner }, "strip-location").exif!;
  assert.equal(readOrientation(stripped), 6);
  assert.doesNotMatch(latin1.decode(stripped), /secret/);
  assert.ok(stripped.length < inner.length);
});

Deno.test("attack: a GPS pointer that cannot be read takes its directory along", () => {
  for (
    const [type, count] of [[7, 4], [1, 4], [9, 1], [0, 1], [4, 0], [4, 2]]
  ) {
    const exif = exifWithGps("secret place");
    const view = new DataView(exif.buffer);
    view.setUint16(24, type!);
    view.setUint32(26, count!);
    const { exif: left } = stripMetadata({ exif }, "strip-location");
    assert.doesNotMatch(latin1.decode(left), /secret/, `${type} ${count}`);
    assert.equal(readOrientation(left), 6);
  }
  const junk = { exif: bytes("no TIFF: secret place") };
  assert.deepEqual(stripMetadata(junk, "strip-location"), {});
});

Deno.test("attack: XMP written so that a place would stay is left out", () => {
  const left = (xmp: string): string =>
    latin1.decode(stripMetadata({ xmp: bytes(xmp) }, "strip-location").xmp);
  for (
    const xmp of [
      `<a:LocationCreated Iptc4xmpExt:City="SECRET > x"/>`,
      `<a:LocationCreated a:City="a/>b"><x>SECRET</x></a:LocationCreated>`,
      `<a:LocationShown><a:LocationShown/>1</a:LocationShown>SECRET</a:LocationShown>`,
      `<!-- <photoshop:City> --><dc:title/><photoshop:City>SECRET</photoshop:City>`,
    ]
  ) assert.doesNotMatch(left(xmp), /SECRET/);
  assert.equal(
    left(`<b drone-dji:GpsLatitude="47" ps:City='Bern' dc:title="Sea"/>`),
    `<b dc:title="Sea"/>`,
  );
});

Deno.test("IPTC that names no place keeps its bytes, whatever they are", () => {
  const set = Uint8Array.of(0x1c, 2, 5, 0, 3, ...bytes("Sea"));
  for (
    const iptc of [
      concat([set, Uint8Array.of(0), set]),
      set.subarray(0, 6),
      bytes("no IPTC"),
    ]
  ) {
    const metadata = { photoshop: iptcResource(iptc) };
    assert.deepEqual(stripMetadata(metadata, "strip-location"), metadata);
  }
  const place = Uint8Array.of(0x1c, 2, 90, 0, 4, ...bytes("Bern"));
  const photoshop = iptcResource(concat([set, Uint8Array.of(0), place, set]));
  assert.deepEqual(
    stripMetadata({ photoshop }, "strip-location").photoshop,
    iptcResource(concat([set, set])),
  );
});

Deno.test("strip-location takes the names of places away, and no other texts", () => {
  const set = (dataSet: number, text: string): Uint8Array =>
    Uint8Array.of(0x1c, 2, dataSet, 0, text.length, ...bytes(text));
  // An extended length: its bytes follow, two here.
  const long = Uint8Array.of(0x1c, 2, 92, 0x80, 2, 0, 4, ...bytes("Quay"));
  const all = [set(5, "Sea"), set(90, "Bern"), long, set(120, "By the sea")];
  const photoshop = concat([
    iptcResource(concat(all)),
    latin1Bytes("8BIM\x03\xed\0\0\0\0\0\x03abc\0"),
  ]);
  const { photoshop: kept } = stripMetadata({ photoshop }, "strip-location");
  assert.deepEqual(
    kept,
    concat([
      iptcResource(concat([all[0]!, all[3]!])),
      photoshop.subarray(-16),
    ]),
  );
  const xmp =
    `<a photoshop:City="Bern" dc:title="Sea" photoshop:CityName="no place"><Iptc4xmpCore:Location>Quay</Iptc4xmpCore:Location><Iptc4xmpExt:LocationShown><b>Bern</b></Iptc4xmpExt:LocationShown><photoshop:Headline>By</photoshop:Headline></a>`;
  assert.equal(
    latin1.decode(stripMetadata({ xmp: bytes(xmp) }, "strip-location").xmp),
    `<a dc:title="Sea" photoshop:CityName="no place"><photoshop:Headline>By</photoshop:Headline></a>`,
  );
});

Deno.test("XMP that cannot be read is left out where it may have a place", () => {
  const wide = new Uint8Array([...XMP].flatMap((c) => [c.charCodeAt(0), 0]));
  assert.deepEqual(stripMetadata({ xmp: wide }, "strip-location"), {});
});

Deno.test("GPS elements go up to the next end of their name", () => {
  const stripped = (xmp: string): string =>
    latin1.decode(stripMetadata({ xmp: bytes(xmp) }, "strip-location").xmp);
  assert.equal(
    stripped(
      "a<exif:GPSA>1</exif:GPSB>2</exif:GPSA >b<exif:GPSB x='y'/>c<exif:GPSA/>d",
    ),
    "abcd",
  );
  // What has no end is left out with all else.
  assert.equal(stripped("<exif:GPSA>1<exif:GPSTime>"), "");
  assert.equal(
    stripped("<exif:GPSA>1<exif:GPSB>2</exif:GPSB>3</exif:GPSA>4"),
    "4",
  );
});

Deno.test("attack: tags without end take one look each", () => {
  for (
    const tag of ["<exif:GPSa>", "<exif:GPSa", " exif:GPSa='", "</exif:GPSa "]
  ) {
    const xmp = bytes(tag.repeat(4e5));
    stripMetadata({ xmp }, "strip-location");
  }
});

Deno.test("strip-location leaves out texts of PNG that are named after GPS", () => {
  const text = (keyword: string): NamedBlock => ({
    type: "tEXt",
    data: bytes(`${keyword}\0somewhere`),
  });
  const texts = [text("Title"), text("exif:GPSLatitude"), text("Comment")];
  const places = ["Location", "photoshop:City"].map(text);
  assert.deepEqual(stripMetadata({ texts: places }, "strip-location"), {});
  assert.deepEqual(stripMetadata({ texts }, "strip-location"), {
    texts: [texts[0], texts[2]],
  });
  const only = { texts: [text("exif:GPSInfo")] };
  assert.deepEqual(stripMetadata(only, "strip-location"), {});
  const plain = { texts: [text("Title")] };
  assert.deepEqual(stripMetadata(plain, "strip-location"), plain);
});

Deno.test("strip-location leaves the extended XMP out", () => {
  const metadata = { xmp: bytes("<x/>"), xmpParts: [bytes("<y/>")] } as never;
  assert.deepEqual(stripMetadata(metadata, "strip-location"), {
    xmp: bytes("<x/>"),
  });
});
