import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { type ErrorCode, LimpidError } from "../errors.ts";
import type { Raster } from "../types.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import type { Orientation } from "./header.ts";
import { jpegSegments } from "./jpeg/header.ts";
import { readHeader } from "./read_header.ts";
import { orient } from "./orient.ts";
import {
  exifBlock,
  flatJpeg,
  gifFile,
  gradient,
  iccProfile,
  jpegFile,
  LIMITS,
  losslessWebp,
  maxDifference,
  pngFile,
  type PngParts,
  withJpegSegment,
} from "./test_images.ts";

async function pixels(bytes: Uint8Array): Promise<Raster> {
  return (await decode(bytes, LIMITS)).raster;
}

async function refuses(
  bytes: Uint8Array,
  code: ErrorCode,
  words = /./,
  limits = LIMITS,
): Promise<void> {
  await assert.rejects(decode(bytes, limits), (error) => {
    assert.ok(error instanceof LimpidError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

/** The RGBA pixels of `parts`, by the PNG specification. */
function expected(parts: PngParts): Uint8Array {
  const { width, height, depth, colourType, sample } = parts;
  const grey = colourType === 0 || colourType === 4;
  const to8 = (value: number): number =>
    depth === 16 ? value >> 8 : value * 255 / (2 ** depth - 1);
  const data: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (c: number): number => to8(sample!(x, y, c));
      if (grey) data.push(at(0), at(0), at(0), colourType === 4 ? at(1) : 255);
      else data.push(at(0), at(1), at(2), colourType === 6 ? at(3) : 255);
    }
  }
  return Uint8Array.from(data);
}

for (
  const [name, colourType, depths] of [
    ["grey", 0, [1, 2, 4, 8, 16]],
    ["RGB", 2, [8, 16]],
    ["grey with alpha", 4, [8, 16]],
    ["RGBA", 6, [8, 16]],
  ] as const
) {
  Deno.test(`PNG ${name} is decoded exactly, plain and interlaced; 16 bits keep the high byte`, async () => {
    for (const depth of depths) {
      for (const interlaced of [false, true]) {
        const parts: PngParts = {
          width: 19,
          height: 11,
          depth,
          colourType,
          interlaced,
          sample: (x, y, c) =>
            (x * 7919 + y * 104729 + c * 1299709) % 2 ** depth,
        };
        const { raster, bitDepth } = await decode(pngFile(parts), LIMITS);
        assert.equal(bitDepth, depth);
        assert.deepEqual(raster.data, expected(parts));
      }
    }
  });
}

Deno.test("PNG palette is decoded exactly, with its transparency", async () => {
  const palette = Uint8Array.of(
    10,
    20,
    30,
    200,
    100,
    0,
    5,
    6,
    7,
    255,
    255,
    255,
  );
  const parts = {
    width: 4,
    height: 1,
    depth: 2,
    colourType: 3,
    sample: (x: number) => x,
  };
  const chunks = [["PLTE", palette], [
    "tRNS",
    Uint8Array.of(255, 128, 0),
  ]] as const;
  assert.deepEqual(
    (await pixels(pngFile({ ...parts, chunks }))).data,
    // deno-fmt-ignore
    Uint8Array.of(10, 20, 30, 255, 200, 100, 0, 128, 5, 6, 7, 0, 255, 255, 255, 255),
  );
});

Deno.test("PNG transparent colour of grey and RGB images becomes alpha 0", async () => {
  const sample = (x: number): number => x;
  const grey = pngFile({
    width: 3,
    height: 1,
    depth: 8,
    colourType: 0,
    sample,
    chunks: [["tRNS", Uint8Array.of(0, 1)]],
  });
  assert.deepEqual(await alphas(grey), [255, 0, 255]);
  const rgb = pngFile({
    width: 3,
    height: 1,
    depth: 8,
    colourType: 2,
    sample,
    chunks: [["tRNS", Uint8Array.of(0, 2, 0, 2, 0, 2)]],
  });
  assert.deepEqual(await alphas(rgb), [255, 255, 0]);
});

async function alphas(bytes: Uint8Array): Promise<number[]> {
  const { data } = await pixels(bytes);
  return [...data].filter((_, i) => i % 4 === 3);
}

Deno.test("colours under transparent pixels are kept", async () => {
  const image = gradient(20, 10, (x) => x % 3 === 0 ? 0 : 100);
  const png = await encode(image, { format: "png" });
  assert.deepEqual((await pixels(png)).data, image.data);
  const webp = await losslessWebp(image);
  assert.deepEqual((await pixels(webp)).data, image.data);
});

Deno.test("an animated PNG gives its still image", async () => {
  const parts: PngParts = {
    width: 2,
    height: 1,
    depth: 8,
    colourType: 0,
    sample: (x) => 50 + x,
    chunks: [["acTL", Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0)]],
  };
  assert.deepEqual((await pixels(pngFile(parts))).data, expected(parts));
});

for (const options of [{}, { progressive: true }]) {
  Deno.test(`JPEG ${JSON.stringify(options)} comes back close`, async () => {
    const image = gradient(67, 45);
    const { raster, format, bitDepth } = await decode(
      await jpegFile(image, options),
      LIMITS,
    );
    assert.deepEqual([format, bitDepth], ["jpeg", 8]);
    assert.ok(maxDifference(raster.data, image.data) <= 24);
    assert.ok(meanDifference(raster.data, image.data) < 2);
  });
}

function meanDifference(a: Raster["data"], b: Raster["data"]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

Deno.test("grey JPEG has three equal colours", async () => {
  const { data } = await pixels(flatJpeg({ components: [77] }));
  assert.deepEqual([...data.subarray(0, 4)], [77, 77, 77, 255]);
});

/** A copy in which other bytes replace `length` bytes at an offset. */
function replaced(
  bytes: Uint8Array,
  at: number,
  length: number,
  by: readonly number[],
): Uint8Array {
  return concat([
    bytes.subarray(0, at),
    Uint8Array.from(by),
    bytes.subarray(at + length),
  ]);
}

Deno.test("JPEG with faults that leave its pixels whole is read, and each fault told", async () => {
  const jpeg = await jpegFile(gradient(100, 70));
  const segments = [...jpegSegments(jpeg)];
  const at = (code: number): number =>
    segments.find((segment) => segment.code === code)!.at;
  const end = jpeg.length - 2;
  const spectrum = at(0xda) + 4 + 1 + 2 * 3;
  const faults: [string, RegExp, Uint8Array][] = [
    ["zeros", /extraneous/, replaced(jpeg, end, 0, Array(20).fill(0))],
    ["a stuffed byte", /extraneous/, replaced(jpeg, end, 0, [0xff, 0])],
    ["stray bytes", /extraneous/, replaced(jpeg, at(0xdb), 0, [1, 2])],
    ["JFIF 2", /JFIF/, replaced(jpeg, at(0xe0) + 9, 2, [2, 1])],
    ["a spectrum of 0", /SOS/, replaced(jpeg, spectrum, 3, [0, 0, 0])],
    ["no end", /end marker/, jpeg.subarray(0, end)],
  ];
  const good = await decode(jpeg, LIMITS);
  assert.deepEqual(good.warnings, []);
  for (const [name, words, file] of faults) {
    const { raster, warnings } = await decode(file, LIMITS);
    assert.deepEqual(raster, good.raster, name);
    assert.equal(warnings.length, 1, `${name}: ${warnings}`);
    assert.match(warnings[0]!, words);
  }
});

Deno.test("JPEG is read whatever its components are sampled like", async () => {
  const components = [150, 100, 180];
  const [y, cb, cr] = [150, 100 - 128, 180 - 128] as const;
  const wanted = [
    y + 1.402 * cr,
    y - 0.344136 * cb - 0.714136 * cr,
    y + 1.772 * cb,
    255,
  ];
  for (
    const sampling of [
      ...[[0x11, 0x11, 0x11], [0x21, 0x11, 0x11], [0x22, 0x11, 0x11]],
      ...[[0x12, 0x11, 0x11], [0x41, 0x11, 0x11], [0x14, 0x11, 0x11]],
      ...[[0x31, 0x11, 0x11], [0x42, 0x11, 0x11], [0x13, 0x11, 0x11]],
      ...[[0x22, 0x21, 0x11], [0x22, 0x12, 0x21], [0x11, 0x22, 0x22]],
      ...[[0x22, 0x12, 0x12], [0x21, 0x21, 0x21], [0x11, 0x12, 0x21]],
      [0x32, 0x11, 0x11],
    ]
  ) {
    const width = 8 * Math.max(...sampling.map((both) => both >> 4));
    const height = 8 * Math.max(...sampling.map((both) => both & 15));
    const jpeg = flatJpeg({ components, sampling, width, height });
    const { raster, warnings } = await decode(jpeg, LIMITS);
    const name = sampling.map((both) => both.toString(16)).join();
    assert.deepEqual(warnings, [], name);
    for (const at of [0, raster.data.length - 4]) {
      const pixel = raster.data.subarray(at, at + 4);
      assert.ok(maxDifference(pixel, wanted) <= 1.5, `${name}: ${pixel}`);
    }
  }
});

Deno.test("CMYK JPEG becomes RGB: light is what the inks let through", async () => {
  // Adobe stores the inks inverted: 255 is none. So do files that do not say.
  for (const marker of [{ adobe: 0 }, {}]) {
    const jpeg = flatJpeg({ components: [255, 128, 0, 200], ...marker });
    const { raster: { data }, warnings } = await decode(jpeg, LIMITS);
    assert.match(warnings.join(), /approximate/);
    const wanted = [200, 128 * 200 / 255, 0, 255];
    assert.ok(maxDifference(data.subarray(0, 4), wanted) <= 1);
    assert.ok(maxDifference(data.subarray(-4), wanted) <= 1);
  }
});

Deno.test("YCCK JPEG, told by Adobe's marker, becomes RGB", async () => {
  // Without colour difference, the inks are luma; black lets 60/255 through.
  const jpeg = flatJpeg({ components: [100, 128, 128, 60], adobe: 2 });
  const { data } = await pixels(jpeg);
  const wanted = (255 - 100) * 60 / 255;
  assert.ok(
    maxDifference(data.subarray(0, 4), [wanted, wanted, wanted, 255]) <= 1,
    `${data.subarray(0, 4)}`,
  );
});

Deno.test("GIF: the first frame lies on its screen", async () => {
  const file = gifFile({
    screen: [6, 4],
    frame: [2, 1, 3, 2],
    index: (x, y) => x + 10 * y,
    transparent: 11,
    frames: 2,
  });
  const raster = await pixels(file);
  assert.deepEqual([raster.width, raster.height], [6, 4]);
  const pixel = (x: number, y: number): number[] => [
    ...raster.data.subarray(4 * (6 * y + x), 4 * (6 * y + x + 1)),
  ];
  assert.deepEqual(pixel(2, 1), [0, 0, 255, 255]);
  assert.deepEqual(pixel(4, 2), [12, 24, 243, 255]);
  assert.equal(pixel(3, 2)[3], 0, "the transparent index");
  assert.deepEqual(pixel(1, 1), [0, 0, 0, 0]);
  assert.deepEqual(pixel(5, 3), [0, 0, 0, 0]);
});

Deno.test("GIF: what browsers do without is not asked for", async () => {
  const parts = { index: (x: number, y: number) => (x + 3 * y) % 128 };
  const good = gifFile({ screen: [9, 8], frame: [0, 0, 9, 8], ...parts });
  const { data } = await pixels(good);
  const start = 13 + 3 * 128;
  const files = {
    "no trailer": good.subarray(0, -1),
    "no end of its sub-blocks": good.subarray(0, -2),
    "bytes after": concat([good.subarray(0, -1), Uint8Array.of(9, 9, 9)]),
    "an empty extension": concat([
      good.subarray(0, start),
      latin1("!\xfe\0!\xf9\0"),
      good.subarray(start),
    ]),
    "zeros between blocks": concat([
      good.subarray(0, start),
      new Uint8Array(3),
      good.subarray(start),
    ]),
    "a screen that is too small": gifFile({
      screen: [5, 3],
      frame: [0, 0, 9, 8],
      ...parts,
    }),
    "no screen": gifFile({ screen: [0, 0], frame: [0, 0, 9, 8], ...parts }),
  };
  for (const [name, file] of Object.entries(files)) {
    const raster = await pixels(file);
    assert.deepEqual(raster, { width: 9, height: 8, data }, name);
  }
  const outside = gifFile({ screen: [5, 3], frame: [4, 2, 9, 8], ...parts });
  const { raster } = await decode(outside, LIMITS);
  assert.deepEqual([raster.width, raster.height], [13, 10]);
  assert.deepEqual(raster.data.subarray(-4), data.subarray(-4));
  // A file cut anywhere is only read if its pixels are complete.
  for (let length = 13; length < good.length - 2; length++) {
    const cut = await decode(good.subarray(0, length), LIMITS)
      .catch(({ code }) => code);
    if (cut === "corrupt-image") continue;
    assert.deepEqual(cut.raster.data, data, `${length}`);
    assert.ok(length > good.length - 6, `${length}`);
  }
});

Deno.test("PNG whose transparency has a wrong checksum is read without", async () => {
  const parts = {
    width: 4,
    height: 3,
    depth: 8,
    colourType: 0,
    sample: () => 7,
    chunks: [["tRNS", Uint8Array.of(0, 7)]],
  } as const;
  const file = pngFile(parts);
  assert.equal((await pixels(file)).data[3], 0);
  file[new TextDecoder("latin1").decode(file).indexOf("tRNS") + 6]! ^= 1;
  const { raster, warnings } = await decode(file, LIMITS);
  assert.deepEqual([...raster.data.subarray(0, 4)], [7, 7, 7, 255]);
  assert.equal(warnings.length, 1);
});

Deno.test("PNG whose end mark has a wrong checksum is read, and that told", async () => {
  const parts = { width: 4, height: 3, depth: 8, colourType: 2 } as const;
  const file = pngFile({ ...parts, sample: (x, y, c) => 40 * x + 9 * y + c });
  const expected = await pixels(file);
  file[file.length - 1]! ^= 1;
  const { raster, warnings } = await decode(file, LIMITS);
  assert.deepEqual(raster, expected);
  assert.match(warnings.join(), /IEND chunk is wrong/);
});

Deno.test("WebP: lossless is exact, lossy is close and its alpha exact", async () => {
  const image = gradient(60, 40, (x, y) => 255 - x - y);
  assert.deepEqual(
    (await pixels(await losslessWebp(image))).data,
    image.data,
  );
  const lossy = (await pixels(await encode(image, { format: "webp" }))).data;
  assert.ok(meanDifference(lossy, image.data) < 4);
  for (let at = 3; at < lossy.length; at += 4) {
    assert.equal(lossy[at], image.data[at]);
  }
});

Deno.test("all eight orientations are applied and then reset, in PNG, JPEG and WebP", async () => {
  const image = gradient(24, 16);
  const jpeg = await jpegFile(image);
  for (let value = 1; value <= 8; value++) {
    const metadata = { exif: exifBlock(value) };
    for (
      const file of [
        await encode(image, { format: "png", metadata }),
        await encode(image, { format: "webp", metadata }),
        withJpegSegment(jpeg, 0xe1, [...latin1("Exif\0\0"), ...metadata.exif]),
      ]
    ) {
      const { raster, metadata } = await decode(file, LIMITS);
      const plain = await pixels(withoutExif(file));
      assert.deepEqual(raster, orient(plain, value as Orientation));
      assert.deepEqual(metadata.exif, exifBlock(1, { next: 0 }));
    }
  }
});

Deno.test("a resolution that differs across and down lies on its side with the image", async () => {
  const resolution = { x: 3000, y: 4000, unit: "metre" } as const;
  for (let value = 1; value <= 8; value++) {
    const file = await encode(gradient(24, 16), {
      format: "png",
      metadata: { resolution, exif: exifBlock(value) },
    });
    const { metadata, raster } = await decode(file, LIMITS);
    assert.deepEqual(
      metadata.resolution,
      raster.width === 24 ? resolution : { ...resolution, x: 4000, y: 3000 },
      `orientation ${value}`,
    );
  }
});

Deno.test("metadata keeps nothing of the file's memory, which is sent along with every part of it", async () => {
  const exif = exifBlock(1);
  const metadata = {
    exif,
    texts: [{ type: "tEXt", data: latin1("Title\0Rain") }],
    colours: [{ type: "sRGB", data: Uint8Array.of(0) }],
  };
  const png = await encode(gradient(24, 16), { format: "png", metadata });
  const found = (await decode(png, LIMITS)).metadata;
  assert.deepEqual(Object.keys(found).sort(), ["colours", "exif", "texts"]);
  for (
    const part of [found.exif!, found.texts![0]!.data, found.colours![0]!.data]
  ) assert.equal(part.buffer.byteLength, part.length);
});

/** The same file with an invalid byte order in its EXIF block. */
function withoutExif(file: Uint8Array): Uint8Array {
  const copy = file.slice();
  for (let at = 0; at < copy.length - 8; at++) {
    if (latin1("II*\0\x08\0\0\0").every((byte, i) => copy[at + i] === byte)) {
      copy[at] = 0;
      // A PNG would be refused for its checksum: its chunk is renamed, unread.
      if (copy[0] === 0x89) return pngWithout(copy, at - 8);
    }
  }
  return copy;
}

function pngWithout(png: Uint8Array, at: number): Uint8Array {
  const length = 12 + viewOf(png).getUint32(at);
  return concat([png.subarray(0, at), png.subarray(at + length)]);
}

Deno.test("profiles are handed on as they are, of any colour space", async () => {
  const icc = iccProfile("CMYK");
  const jpeg = withJpegSegment(
    flatJpeg({ components: [1, 2, 3, 4], adobe: 0 }),
    0xe2,
    [...latin1("ICC_PROFILE\0"), 1, 1, ...icc],
  );
  assert.deepEqual((await decode(jpeg, LIMITS)).metadata, { icc });
});

Deno.test("attack: a JPEG of 364 kB that says it is 20000x20000", async () => {
  const small = flatJpeg({
    components: [1, 2, 3],
    width: 20000,
    height: 20000,
  });
  let jpeg: Uint8Array = small;
  while (jpeg.length < 364e3) {
    jpeg = withJpegSegment(jpeg, 0xfe, new Uint8Array(60e3));
  }
  await refuses(jpeg, "too-many-pixels", /20000x20000/);
});

Deno.test("attack: a GIF whose screen is 65535x65535", async () => {
  const gif = gifFile({
    screen: [65535, 65535],
    frame: [0, 0, 1, 1],
    index: () => 0,
  });
  await refuses(gif, "too-many-pixels", /65535x65535/);
});

Deno.test("attack: a 1-bit PNG of 50000x50000", async () => {
  const png = pngFile({
    width: 50000,
    height: 50000,
    depth: 1,
    colourType: 0,
    idat: [new Uint8Array(9)],
  });
  await refuses(png, "too-many-pixels", /50000x50000/);
});

Deno.test("attack: pixels that unfold to far more than the PNG's size", async () => {
  const idat = [deflateSync(new Uint8Array(300e6), { level: 1 })];
  const png = pngFile({ width: 1, height: 1, depth: 8, colourType: 0, idat });
  const start = performance.now();
  await refuses(png, "corrupt-image");
  assert.ok(performance.now() - start < 2000);
});

Deno.test("attack: text and profiles that unfold do not reach the decoder", async () => {
  const bomb = deflateSync(new Uint8Array(300e6), { level: 1 });
  const parts: PngParts = {
    width: 1,
    height: 1,
    depth: 8,
    colourType: 0,
    sample: () => 9,
  };
  const png = pngFile({
    ...parts,
    chunks: [
      ["iCCP", concat([latin1("a\0\0"), bomb])],
      ["zTXt", concat([latin1("a\0\0"), bomb])],
    ],
  });
  const start = performance.now();
  assert.deepEqual((await pixels(png)).data, expected(parts));
  assert.ok(performance.now() - start < 2000);
});

Deno.test("attack: empty parts by the hundred thousand are refused at once", async () => {
  const png = pngFile({
    width: 8,
    height: 8,
    depth: 8,
    colourType: 0,
    idat: Array<Uint8Array>(250_000).fill(new Uint8Array()),
  });
  const jpeg = flatJpeg({ components: [1, 2, 3] });
  const webp = await losslessWebp(gradient(9, 9));
  const chunk = concat([latin1("ABCD"), new Uint8Array(4)]);
  const riff = concat([webp, ...Array<Uint8Array>(20_000).fill(chunk)]);
  viewOf(riff).setUint32(4, riff.length - 8, true);
  const texts = Array(12_000).fill(["tEXt", latin1("A\0B")] as const);
  for (
    const [file, words] of [
      [png, /more than 200000 chunks/],
      [
        pngFile({
          width: 8,
          height: 8,
          depth: 8,
          colourType: 0,
          chunks: texts,
        }),
        /more than 10000 parts/,
      ],
      [
        concat([
          jpeg.subarray(0, 2),
          ...Array<Uint8Array>(30_000).fill(Uint8Array.of(0xff, 0xe5, 0, 2)),
          jpeg.subarray(2),
        ]),
        /more than 20000 segments/,
      ],
      [riff, /more than 10000 chunks/],
    ] as const
  ) {
    const began = performance.now();
    await refuses(file, "corrupt-image", words);
    assert.ok(performance.now() - began < 5000);
  }
});

Deno.test("empty parts among the pixels of a PNG do no harm", async () => {
  const parts = { width: 9, height: 7, depth: 8, colourType: 0 };
  const whole = deflateSync(new Uint8Array(10 * 7).fill(0));
  const none = new Uint8Array();
  const idat = [
    none,
    whole.subarray(0, 5),
    none,
    none,
    whole.subarray(5),
    none,
  ];
  assert.equal((await pixels(pngFile({ ...parts, idat }))).width, 9);
});

Deno.test("attack: scans over so many pixels that they take too long are refused by the header", async () => {
  const scans = (width: number, height: number, scans: number): Uint8Array =>
    flatJpeg({ components: [1, 2, 3, 4], frame: 0xc2, width, height, scans });
  const began = performance.now();
  await refuses(scans(7000, 7000, 20), "corrupt-image", /scans would take too/);
  assert.ok(performance.now() - began < 2000);
  // A larger image is refused for its size.
  await refuses(scans(65000, 65000, 4), "too-many-pixels", /65000x65000/);
  // Ordinary scans of the largest image are within it.
  await refuses(scans(7000, 7000, 4), "corrupt-image", /pixels/);
  // Colour of half the size counts for a quarter.
  const sampling = [0x22, 0x11, 0x11];
  const half = {
    components: [1, 2, 3],
    frame: 0xc2,
    width: 7000,
    height: 7000,
  };
  const header = (count: number): unknown =>
    readHeader(flatJpeg({ ...half, scans: count, sampling }));
  header(27);
  assert.throws(() => header(28), /scans would take too/);
});

Deno.test("too many bytes are refused before they are looked at", async () => {
  await refuses(new Uint8Array(11), "too-many-bytes", /11 bytes/, {
    ...LIMITS,
    maxBytes: 10,
  });
});

Deno.test("the pixel limit is the last size that is allowed", async () => {
  const png = await encode(gradient(10, 10), { format: "png" });
  const { raster } = await decode(png, { ...LIMITS, maxPixels: 100 });
  assert.equal(raster.width, 10);
  await refuses(png, "too-many-pixels", /10x10/, { ...LIMITS, maxPixels: 99 });
});

Deno.test("JPEG data that stops before the image is full is damage, end marker or not", async () => {
  for (const options of [{}, { progressive: true }]) {
    const jpeg = await jpegFile(gradient(200, 150), options);
    const cut = concat([
      jpeg.subarray(0, jpeg.length * 0.7),
      Uint8Array.of(0xff, 0xd9),
    ]);
    await refuses(cut, "corrupt-image", /JPEG is damaged/);
    for (const components of [[1], [1, 2, 3], [1, 2, 3, 4]]) {
      await refuses(
        flatJpeg({ components, width: 400, height: 400 }),
        "corrupt-image",
        /pixels are missing/,
      );
    }
  }
});

Deno.test("JPEG that is cut anywhere is read only where its pixels are whole", async () => {
  for (const options of [{}, { progressive: true }]) {
    const jpeg = await jpegFile(gradient(21, 13), options);
    const { raster } = await decode(jpeg, LIMITS);
    let read = 0;
    for (let length = 3; length < jpeg.length; length++) {
      const cut = jpeg.subarray(0, length);
      const result = await decode(cut, LIMITS).catch(({ code }) => code);
      if (result === "corrupt-image") continue;
      assert.deepEqual(result.raster, raster);
      assert.match(result.warnings[0], /end marker/);
      read++;
    }
    // Without the end marker, or half of it.
    assert.ok(read >= 2 && read <= 4, `${read}`);
  }
});

Deno.test("JPEG in which a colour has no scan is damage", async () => {
  const jpeg = flatJpeg({ components: [10, 20, 30] });
  const scan = [...jpegSegments(jpeg)].find(({ code }) => code === 0xda)!.at;
  // The scan names the first component only.
  const one = replaced(jpeg, scan, 12, [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
  await refuses(one, "corrupt-image", /no pixels/);
});

Deno.test("PNG data that stops, or has a wrong sum, is damage", async () => {
  const parts = { width: 100, height: 100, depth: 8, colourType: 0 };
  const short = [deflateSync(new Uint8Array(5000))];
  await refuses(pngFile({ ...parts, idat: short }), "corrupt-image", /PNG/);
  const wrong = deflateSync(new Uint8Array(101 * 100));
  wrong[wrong.length - 1]! ^= 1;
  await refuses(pngFile({ ...parts, idat: [wrong] }), "corrupt-image", /PNG/);
});

Deno.test("GIF and WebP data that stops is damage", async () => {
  const gif = gifFile({ screen: [9, 9], frame: [0, 0, 9, 9], index: () => 1 });
  // Shorten the block of codes, but keep its end.
  const start = 13 + 3 * 128 + 10 + 1;
  const cut = concat([
    gif.subarray(0, start),
    Uint8Array.of(20),
    gif.subarray(start + 1, start + 21),
    Uint8Array.of(0, 0x3b),
  ]);
  assert.equal((await pixels(gif)).width, 9);
  await refuses(cut, "corrupt-image", /GIF/);

  const webp = await encode(gradient(64, 64), { format: "webp" });
  const half = webp.slice(0, webp.length & ~3).slice(0, 200);
  const view = viewOf(half);
  view.setUint32(4, half.length - 8, true);
  view.setUint32(16, half.length - 20, true);
  await refuses(half, "corrupt-image", /WebP/);
});

Deno.test("after a damaged file, the next good one is decoded", async () => {
  const jpeg = await jpegFile(gradient(50, 50));
  const before = await pixels(jpeg);
  await refuses(
    flatJpeg({ components: [1, 2, 3], width: 400, height: 400 }),
    "corrupt-image",
  );
  assert.deepEqual(await pixels(jpeg), before);
});

Deno.test("decoding WebP, several at once, leaves no global behind", async () => {
  const webp = await encode(gradient(9, 9), { format: "webp" });
  await Promise.all([pixels(webp), pixels(webp), pixels(webp)]);
  assert.equal(globalThis.location, undefined);
});
