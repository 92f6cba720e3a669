/** Metadata of files: read, updated, and written again or reported. */
import type { Metadata } from "./header.ts";
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import type { OutputFormat } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { carriedMetadata } from "./metadata.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { readOrientation } from "./exif.ts";
import { jpegSegments } from "./jpeg/header.ts";
import { directoriesOf } from "./tiff/directory.ts";
import { iptcResource, keptResources } from "./photoshop.ts";
import { pngChunks } from "./png/chunks.ts";
import { readHeader } from "./read_header.ts";
import { readRawProfile, writeRawProfile } from "./png/raw_profile.ts";
import {
  exifBlock,
  gradient,
  iccProfile,
  jpegFile,
  LIMITS,
  losslessWebp,
  maxDifference,
  pngFile,
  withJpegSegment,
} from "./test_images.ts";
import { webpChunks, webpFile } from "./webp/chunks.ts";
import { withoutPadding } from "./xmp.ts";

const image = gradient(21, 13);
const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(text);

const XMP = utf8(
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description dc:rights="\u00a9 A Nobody" xmp:Rating="5"/></x:xmpmeta>`,
);
const IPTC = iptcResource(latin1("\x1c\x02\x50\0\x08A Nobody"));

function png(
  chunks: readonly (readonly [string, Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  return pngFile({ width: 21, height: 13, depth: 8, colourType: 2, chunks });
}

function text(keyword: string, value: string): readonly [string, Uint8Array] {
  return ["tEXt", latin1(`${keyword}\0${value}`)];
}

function zText(
  keyword: string,
  value: Uint8Array,
): readonly [string, Uint8Array] {
  return ["zTXt", concat([latin1(`${keyword}\0\0`), deflateSync(value)])];
}

/** The metadata found in a file that was written with `metadata`. */
async function through(
  metadata: Metadata,
  format: OutputFormat,
): Promise<{ found: Metadata; warnings: readonly string[] }> {
  const file = await encode(image, { format, metadata });
  const { metadata: found, left } = readHeader(file);
  assert.deepEqual(left, []);
  return { found, warnings: carriedMetadata(metadata, format, false).warnings };
}

Deno.test("XMP, EXIF and profile are kept by every format", async () => {
  const metadata = { icc: iccProfile("RGB "), exif: exifBlock(1), xmp: XMP };
  for (const format of ["png", "jpeg", "webp"] as const) {
    const { found, warnings } = await through(metadata, format);
    assert.deepEqual(found, metadata, format);
    assert.deepEqual(warnings, []);
  }
});

Deno.test("IPTC and comments are kept by JPEG and PNG, and told by WebP", async () => {
  const comments = [
    latin1("hello"),
    utf8("gr\u00fc\u00df dich"),
    latin1("gr\xfc\xdf"),
  ];
  const metadata = { photoshop: IPTC, comments };
  const jpeg = await through(metadata, "jpeg");
  assert.deepEqual(jpeg, { found: metadata, warnings: [] });

  const { found, warnings } = await through(metadata, "png");
  assert.deepEqual(warnings, []);
  assert.deepEqual(found.photoshop, IPTC);
  assert.deepEqual(found.texts, [
    { type: "tEXt", data: latin1("Comment\0hello") },
    { type: "iTXt", data: utf8("Comment\0\0\0\0\0gr\u00fc\u00df dich") },
    { type: "tEXt", data: latin1("Comment\0gr\xfc\xdf") },
  ]);
  const back = await through(found, "jpeg");
  assert.deepEqual(back, { found: metadata, warnings: [] });

  const webp = await through(metadata, "webp");
  assert.deepEqual(webp.found, {});
  assert.match(webp.warnings.join("\n"), /IPTC[^]*comment/);
});

Deno.test("a TIFF's IPTC is kept, bare or among Photoshop's resources", async () => {
  const { found, warnings } = await through({ photoshop: IPTC }, "tiff");
  assert.deepEqual(warnings, []);
  assert.deepEqual(found.photoshop, IPTC);
  // The same file with its IPTC bare, as other programs write it.
  const tiff = await encode(image, {
    format: "tiff",
    metadata: { photoshop: IPTC },
  });
  const [resources, bare] = [34377, 33723];
  const entry = directoriesOf(tiff)[0]!.entry(resources)!.at;
  const view = new DataView(tiff.buffer, tiff.byteOffset);
  view.setUint16(entry, bare, true);
  view.setUint32(entry + 4, IPTC.length - 13, true);
  view.setUint32(entry + 8, view.getUint32(entry + 8, true) + 12, true);
  assert.deepEqual(readHeader(tiff).metadata.photoshop, IPTC);
  assert.deepEqual((await through(readHeader(tiff).metadata, "jpeg")).found, {
    photoshop: IPTC,
  });
  // Beside resources that hold none, as Photoshop's resolution.
  const resolution = concat([
    latin1("8BIM"),
    Uint8Array.of(3, 237, 0, 0, 0, 0, 0, 2, 1, 2),
  ]);
  const beside = await encode(image, {
    format: "tiff",
    metadata: { photoshop: resolution, exif: exifBlock(1) },
  });
  const of = (tag: number): Uint8Array =>
    directoriesOf(beside)[0]!.bytes(tag) ?? new Uint8Array();
  assert.deepEqual(of(resources), resolution);
  assert.deepEqual(readHeader(beside).metadata.photoshop, resolution);
  // One that points beyond the file is none.
  view.setUint32(entry + 8, tiff.length - 3, true);
  assert.equal(readHeader(tiff).metadata.photoshop, undefined);
});

Deno.test("attack: image resources without end are copied once", () => {
  const one = concat([latin1("8BIM"), new Uint8Array(8)]);
  const many = new Uint8Array(one.length * 2 ** 18);
  for (let at = 0; at < many.length; at += one.length) many.set(one, at);
  const before = Deno.memoryUsage().rss;
  const kept = keptResources(many)!;
  assert.equal(maxDifference(kept, many), 0);
  assert.ok(Deno.memoryUsage().rss - before < 20 * many.length);
});

Deno.test("a block longer than a JPEG segment is kept in several, or told", async () => {
  const long = iptcResource(new Uint8Array(150_001).fill(65));
  const kept = await through({ photoshop: long }, "jpeg");
  assert.deepEqual(kept, { found: { photoshop: long }, warnings: [] });
  const padded = concat([
    XMP,
    latin1(" ".repeat(70_000) + "<?xpacket end='w'?>"),
  ]);
  const { found, warnings } = await through({ xmp: padded }, "jpeg");
  assert.deepEqual(warnings, []);
  assert.deepEqual(found.xmp, withoutPadding(padded));
  assert.ok(found.xmp!.length < 200);
  const huge = concat([XMP, latin1("x".repeat(70_000))]);
  const lost = await through({ xmp: huge }, "jpeg");
  assert.deepEqual(lost.found, {});
  assert.match(lost.warnings.join(), /XMP of 70\d+ bytes is left out/);
});

Deno.test("what PNG says of colours is kept by PNG, and told by others unless it is sRGB", async () => {
  const chunk = (
    type: string,
    data: Uint8Array,
  ): readonly [string, Uint8Array] => [type, data];
  const u32 = (...values: number[]): Uint8Array => {
    const data = new Uint8Array(4 * values.length);
    values.forEach((value, i) => viewOf(data).setUint32(4 * i, value));
    return data;
  };
  const linear = [chunk("gAMA", u32(100_000))];
  const p3 = [chunk("cICP", Uint8Array.of(12, 13, 0, 1))];
  const srgb = [chunk("sRGB", Uint8Array.of(0)), chunk("gAMA", u32(45455))];
  const inWords = [
    chunk("gAMA", u32(45455)),
    chunk("cHRM", u32(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
  ];
  for (
    const [chunks, told] of [
      [linear, true],
      [p3, true],
      [srgb, false],
      [inWords, false],
      [[inWords[0]!, chunk("cHRM", u32(1, 2, 3, 4, 5, 6, 7, 8))], true],
    ] as const
  ) {
    const { metadata } = await decode(png(chunks), LIMITS);
    const wanted = chunks.map(([type, data]) => ({ type, data }));
    assert.deepEqual(metadata, { colours: wanted });
    assert.deepEqual(await through(metadata, "png"), {
      found: metadata,
      warnings: [],
    });
    const { found, warnings } = await through(metadata, "jpeg");
    assert.deepEqual(found, {});
    assert.equal(warnings.length, told ? 1 : 0, `${warnings}`);
    if (told) assert.match(warnings[0]!, /colour information \((gAMA|cICP)/);
  }
});

Deno.test("the resolution is kept by all formats, in their own units", async () => {
  const inch = { x: 300, y: 150, unit: "inch" } as const;
  const metre = { x: 11811, y: 5906, unit: "metre" } as const;
  const ratio = { x: 2, y: 1, unit: "none" } as const;
  for (
    const [resolution, inJpeg, inPng] of [
      [inch, inch, metre],
      [metre, inch, metre],
      [ratio, ratio, ratio],
    ]
  ) {
    const jpeg = await through({ resolution: resolution! }, "jpeg");
    assert.deepEqual(jpeg.found, { resolution: inJpeg });
    const png = await through({ resolution: resolution! }, "png");
    assert.deepEqual(png.found, { resolution: inPng });
    // Grey JPEGs are written by another encoder.
    const grey = await encode(image, {
      format: "jpeg",
      metadata: { resolution: resolution! },
      grey: true,
    });
    assert.deepEqual(readHeader(grey).metadata, { resolution: inJpeg });
  }
  const webp = await through({ resolution: metre }, "webp");
  const at = viewOf(webp.found.exif!);
  assert.deepEqual([at.getUint32(50, true), at.getUint32(58, true)], [
    300,
    150,
  ]);
  const told = await through({ resolution: ratio }, "webp");
  assert.match(told.warnings.join(), /ratio/);
});

Deno.test("a JPEG's own units of resolution are understood", async () => {
  const jpeg = new Uint8Array(await jpegFile(image));
  const jfif = [...jpegSegments(jpeg)][0]!.data;
  jfif.set([2, 0, 118, 0, 118], 7);
  assert.deepEqual(readHeader(jpeg).metadata.resolution, {
    x: 11800,
    y: 11800,
    unit: "metre",
  });
  jfif.set([0, 0, 1, 0, 1], 7);
  assert.deepEqual(readHeader(jpeg).metadata, {});
});

Deno.test("texts of PNG are kept by PNG as they are, and told by others", async () => {
  const chunks = [
    text("Copyright", "\xa9 A Nobody"),
    zText("Description", latin1("a street in the rain")),
    ["iTXt", utf8("Title\0\0\0de\0Titel\0stra\u00dfe")] as const,
  ];
  const { metadata } = await decode(png(chunks), LIMITS);
  assert.deepEqual(
    metadata.texts,
    chunks.map(([type, data]) => ({ type, data: new Uint8Array(data) })),
  );
  const kept = await through(metadata, "png");
  assert.deepEqual(kept, { found: metadata, warnings: [] });
  for (const format of ["jpeg", "webp"] as const) {
    const { found, warnings } = await through(metadata, format);
    assert.deepEqual(found, {});
    assert.match(warnings.join(), /Copyright, Description, Title is left out/);
  }
});

Deno.test("EXIF, XMP and IPTC that stand in PNG as raw profiles are found, and written in their own places", async () => {
  const profile = (type: string, bytes: Uint8Array): Uint8Array =>
    writeRawProfile(type, bytes);
  const prefixed = concat([latin1("Exif\0\0"), exifBlock(6)]);
  for (
    const [chunk, wanted] of [
      [["exif", prefixed], { exif: exifBlock(6) }],
      [["APP1", exifBlock(6)], { exif: exifBlock(6) }],
      [["xmp", XMP], { xmp: XMP }],
      [["iptc", IPTC], { photoshop: IPTC }],
      [["8bim", IPTC], { photoshop: IPTC }],
      [["iptc", IPTC.subarray(12, -1)], { photoshop: IPTC }],
      [["icc", iccProfile("RGB ")], { icc: iccProfile("RGB ") }],
    ] as const
  ) {
    const [type, bytes] = chunk as readonly [string, Uint8Array];
    const keyword = `Raw profile type ${type}`;
    const inText = latin1(`${keyword}\0`);
    for (
      const stored of [
        zText(keyword, profile(type, bytes)),
        ["tEXt", concat([inText, profile(type, bytes)])] as const,
      ]
    ) {
      const { metadata, info } = readHeader(png([stored]));
      assert.deepEqual(metadata, wanted, type);
      assert.equal(info.orientation, "exif" in wanted ? 6 : 1);
    }
  }
  const again = await through({ exif: exifBlock(1) }, "png");
  assert.deepEqual(again.found, { exif: exifBlock(1) });
});

Deno.test("a raw profile of type APP1 is EXIF or XMP, as in JPEG", () => {
  const app1 = (block: Uint8Array): readonly [string, Uint8Array] =>
    zText("Raw profile type APP1", writeRawProfile("APP1", block));
  const { metadata, left } = readHeader(png([
    app1(concat([latin1("http://ns.adobe.com/xap/1.0/\0"), XMP])),
    app1(concat([latin1("Exif\0\0"), exifBlock(6)])),
    zText("Raw profile type foo", latin1("\nfoo\n 1\n00\n")),
  ]));
  assert.deepEqual(metadata, { xmp: XMP, exif: exifBlock(6) });
  assert.deepEqual(left, [
    "A part of the PNG is left out: its text Raw profile type foo.",
  ]);
});

Deno.test("a profile of other pixels is left out and told; of inks that was told when they became RGB", () => {
  const carried = (icc: Uint8Array) => carriedMetadata({ icc }, "png", false);
  const icc = iccProfile("RGB ");
  assert.deepEqual(carried(icc), { metadata: { icc }, warnings: [] });
  assert.deepEqual(carried(iccProfile("CMYK")), { metadata: {}, warnings: [] });
  assert.deepEqual(carried(iccProfile("CMYK", 100)), {
    metadata: {},
    warnings: [
      "The colour profile is left out: it does not describe such pixels.",
    ],
  });
});

Deno.test("attack: what unfolds to many times its size is bounded", async () => {
  const spaces = deflateSync(new Uint8Array(65000).fill(32));
  const comment = concat([latin1("Comment\0\0"), spaces]);
  const texts = Array.from({ length: 300 }, () => ({
    type: "zTXt",
    data: comment,
  }));
  const { warnings } = carriedMetadata({ texts }, "jpeg", false);
  assert.match(warnings.join(), /beyond 1 MB/);
  const jpeg = await encode(image, { format: "jpeg", metadata: { texts } });
  assert.ok(jpeg.length < 1.1 * 2 ** 20, `${jpeg.length}`);
  // A length that the digits do not have; digits among spaces are read.
  assert.equal(readRawProfile(latin1("\nx\n 9000000\n00")), undefined);
  assert.deepEqual(
    readRawProfile(latin1("\nx\n 2\n0 1\n\nfF")),
    Uint8Array.of(1, 255),
  );
});

Deno.test("a raw profile that is cut, or none, is left out", () => {
  const whole = writeRawProfile("exif", exifBlock(6));
  assert.deepEqual(readRawProfile(whole), exifBlock(6));
  for (const cut of [0, 5, 20, whole.length - 10]) {
    assert.equal(readRawProfile(whole.subarray(0, cut)), undefined);
  }
  assert.equal(readRawProfile(latin1("\nexif\n 99999999\n00")), undefined);
});

Deno.test("EXIF is read without JPEG's prefix in PNG and WebP, and XMP says the orientation where EXIF does not", async () => {
  const prefixed = concat([latin1("Exif\0\0"), exifBlock(6)]);
  const attribute = utf8(
    `<rdf:Description tiff:Orientation="6" tiff:ImageWidth='21'/>`,
  );
  const element = utf8(
    "<tiff:Orientation>6</tiff:Orientation><exif:PixelYDimension>13</exif:PixelYDimension>",
  );
  const xmpText = (packet: Uint8Array): Uint8Array =>
    concat([latin1("XML:com.adobe.xmp\0\0\0\0\0"), packet]);
  const xmpSegment = (packet: Uint8Array): Uint8Array =>
    concat([latin1("http://ns.adobe.com/xap/1.0/\0"), packet]);
  const webp = [...webpChunks(await losslessWebp(image))];
  const canvas = Uint8Array.of(0x0c, 0, 0, 0, 20, 0, 0, 12, 0, 0);
  const withChunk = (type: string, data: Uint8Array): Uint8Array =>
    webpFile([{ type: "VP8X", data: canvas }, ...webp, { type, data }]);
  const files = {
    "PNG, prefix": png([["eXIf", prefixed]]),
    "WebP, prefix": withChunk("EXIF", prefixed),
    "PNG, XMP": png([["iTXt", xmpText(attribute)]]),
    "PNG, compressed XMP": png([[
      "iTXt",
      concat([
        latin1("XML:com.adobe.xmp\0\x01\0\0\0"),
        deflateSync(element),
      ]),
    ]]),
    "WebP, XMP": withChunk("XMP ", element),
    "JPEG, XMP": withJpegSegment(
      await jpegFile(image),
      0xe1,
      xmpSegment(attribute),
    ),
  };
  for (const [name, file] of Object.entries(files)) {
    const { raster, metadata } = await decode(file, LIMITS);
    assert.deepEqual([raster.width, raster.height], [13, 21], name);
    // The output is not turned again, in any format.
    for (const format of ["png", "jpeg", "webp"] as const) {
      const again = await encode(raster, { format, metadata });
      assert.equal(readHeader(again).info.orientation, 1, name);
      assert.ok(!latin1Text(again).includes("Exif\0\0Exif"));
    }
    const packet = metadata.xmp && new TextDecoder().decode(metadata.xmp);
    if (packet) assert.match(packet, /ImageWidth='13'|PixelYDimension>21</);
    else assert.equal(readOrientation(metadata.exif), 1);
  }
  // EXIF counts before XMP.
  const both = png([["eXIf", exifBlock(3)], ["iTXt", xmpText(attribute)]]);
  assert.equal(readHeader(both).info.orientation, 3);
});

function latin1Text(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

Deno.test("images, gain maps, animations and parts that are not read are told", async () => {
  const jpeg = await jpegFile(image);
  const hdr = utf8(
    `<rdf:Description hdrgm:Version="1.0" xmp:Rating="5"><Container:Directory><rdf:Seq/></Container:Directory></rdf:Description>`,
  );
  const gainMap = withJpegSegment(
    jpeg,
    0xe1,
    concat([latin1("http://ns.adobe.com/xap/1.0/\0"), hdr]),
  );
  const files: [Uint8Array, RegExp][] = [
    [gainMap, /gain map/],
    [withJpegSegment(jpeg, 0xe2, latin1("MPF\0MM")), /further images/],
    [
      withJpegSegment(jpeg, 0xe2, latin1("urn:iso:std:iso:ts:21496:-1\0\0")),
      /gain map/,
    ],
    [withJpegSegment(jpeg, 0xeb, latin1("JP\0\x01")), /APP11 \(JP\)/],
    [concat([jpeg, jpeg]), /follows/],
    [png([["acTL", new Uint8Array(8)]]), /animated/],
    [png([["caBX", new Uint8Array(8)]]), /caBX/],
  ];
  for (const [file, words] of files) {
    const { left } = await decode(file, LIMITS);
    assert.equal(left.length, 1);
    assert.match(left[0]!, words);
  }
  const plain = await decode(concat([jpeg, new Uint8Array(5)]), LIMITS);
  assert.deepEqual(plain.left, []);
  // The packet must not announce a gain map that is gone.
  const { metadata } = await decode(gainMap, LIMITS);
  assert.equal(
    new TextDecoder().decode(metadata.xmp),
    `<rdf:Description xmp:Rating="5"></rdf:Description>`,
  );
});

Deno.test("thumbnails and doubles in Photoshop's resources are left out", async () => {
  const resource = (id: number): Uint8Array => {
    const block = iptcResource(latin1("odd"));
    viewOf(block).setUint16(4, id);
    return block;
  };
  const block = concat([
    latin1("Photoshop 3.0\0"),
    ...[0x0409, 0x0404, 0x0422, 0x03ed, 0x040c].map(resource),
  ]);
  const jpeg = withJpegSegment(await jpegFile(image), 0xed, block);
  assert.deepEqual(
    readHeader(jpeg).metadata.photoshop,
    concat([resource(0x0404), resource(0x03ed)]),
  );
});

Deno.test("attack: thousands of profiles and texts that unfold without end are tried once", () => {
  const bomb = deflateSync(new Uint8Array(4 * 2 ** 20 + 1));
  const text = deflateSync(new Uint8Array(16 * 2 ** 20 + 1));
  const file = png([
    ...Array<readonly [string, Uint8Array]>(3000).fill([
      "iCCP",
      concat([latin1("x\0\0"), bomb]),
    ]),
    ...["exif", "APP1"].flatMap((type) =>
      Array<readonly [string, Uint8Array]>(1500).fill([
        "zTXt",
        concat([latin1(`Raw profile type ${type}\0\0`), text]),
      ])
    ),
  ]);
  const began = performance.now();
  assert.deepEqual(readHeader(file).metadata, {});
  assert.ok(performance.now() - began < 3000);
});

Deno.test("attack: XMP that makes patterns look far is read at once", () => {
  for (
    const part of [
      "<Container:Directory>",
      "<tiff:Orientation> ",
      " tiff:Orientation = ",
      " hdrgm:Version",
      " ",
    ]
  ) {
    const packet = latin1(
      " hdrgm:Version='1'" + part.repeat(3e6 / part.length),
    );
    const began = performance.now();
    const file = png([[
      "iTXt",
      concat([latin1("XML:com.adobe.xmp\0\0\0\0\0"), packet]),
    ]]);
    assert.equal(readHeader(file).info.orientation, 1);
    withoutPadding(packet);
    carriedMetadata({ xmp: packet }, "jpeg", false);
    assert.ok(performance.now() - began < 3000, part);
  }
});

Deno.test("PNG: metadata stands before the pixels, all of it", async () => {
  const metadata = {
    icc: iccProfile("RGB "),
    exif: exifBlock(1),
    xmp: XMP,
    photoshop: IPTC,
    resolution: { x: 3, y: 4, unit: "metre" },
  } as const;
  const file = await encode(image, { format: "png", metadata });
  const types = [...pngChunks(file)].map(({ type }) => type);
  assert.deepEqual(types.slice(-2), ["IDAT", "IEND"]);
  assert.equal(types.length, 8);
});
