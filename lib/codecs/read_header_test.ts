import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { type ErrorCode, LimpidError } from "../errors.ts";
import { concat, latin1, viewOf } from "./bytes.ts";
import { encode } from "./encode.ts";
import { MAX_ICC_BYTES } from "./icc.ts";
import { jpegSegments } from "./jpeg/header.ts";
import { readHeader } from "./read_header.ts";
import {
  exifBlock,
  flatJpeg,
  gifFile,
  gradient,
  iccProfile,
  infoOf,
  jpegFile,
  losslessWebp,
  pngFile,
  withJpegSegment,
} from "./test_images.ts";
import { webpFile } from "./webp/chunks.ts";

const image = gradient(21, 13);
const translucent = gradient(21, 13, (x) => x * 12);
const rgbPng = { width: 21, height: 13, depth: 8, colourType: 2 };

/** A profile as PNG packs it. */
function iccpChunk(profile: Uint8Array): readonly [string, Uint8Array] {
  return ["iCCP", concat([latin1("name\0\0"), deflateSync(profile)])];
}

function refuses(bytes: Uint8Array, code: ErrorCode, words: RegExp): void {
  assert.throws(() => infoOf(bytes), (error) => {
    assert.ok(error instanceof LimpidError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

/** The header of `image` in an ordinary lossy file. */
const PLAIN = {
  width: 21,
  height: 13,
  orientation: 1,
  bitDepth: 8,
  hasAlpha: false,
  grey: false,
  cmyk: false,
  lossless: false,
};

Deno.test("PNG: every kind is told by its header", () => {
  for (
    const [colourType, depths, alpha] of [
      [0, [1, 2, 4, 8, 16], false],
      [2, [8, 16], false],
      [3, [1, 2, 4, 8], false],
      [4, [8, 16], true],
      [6, [8, 16], true],
    ] as const
  ) {
    for (const depth of depths) {
      for (const interlaced of [false, true]) {
        const chunks = colourType === 3
          ? [["PLTE", new Uint8Array(6)] as const]
          : [];
        assert.deepEqual(
          infoOf(pngFile({ ...rgbPng, depth, colourType, interlaced, chunks })),
          {
            format: "png",
            width: 21,
            height: 13,
            orientation: 1,
            bitDepth: depth,
            ...(depth === 16 && { deep: true }),
            hasAlpha: alpha,
            grey: colourType === 0 || colourType === 4,
            cmyk: false,
            lossless: true,
          },
        );
      }
    }
  }
});

Deno.test("PNG: transparency, animation, EXIF and profile are found", () => {
  const { info, left, metadata } = readHeader(pngFile({
    ...rgbPng,
    chunks: [
      ["tRNS", new Uint8Array(6)],
      ["acTL", new Uint8Array(8)],
      ["eXIf", exifBlock(8)],
      iccpChunk(iccProfile("RGB ")),
    ],
  }));
  assert.equal(info.hasAlpha, true);
  assert.match(left.join(), /animated/);
  assert.equal(info.orientation, 8);
  assert.deepEqual(metadata, { icc: iccProfile("RGB "), exif: exifBlock(8) });
});

Deno.test("PNG: a profile that unfolds without end is left out, at once", () => {
  const bomb = iccpChunk(new Uint8Array(200 * MAX_ICC_BYTES / 4));
  const bytes = pngFile({ ...rgbPng, chunks: [bomb] });
  const start = performance.now();
  assert.deepEqual(readHeader(bytes).metadata, {});
  assert.ok(performance.now() - start < 1000);
});

Deno.test("PNG: a profile that does not unfold is left out", () => {
  const chunks = [["iCCP", latin1("name\0\0nonsense")] as const];
  assert.deepEqual(readHeader(pngFile({ ...rgbPng, chunks })).metadata, {});
});

Deno.test("PNG: cut anywhere, it is truncated", () => {
  const whole = pngFile(rgbPng);
  for (let length = 8; length < whole.length; length++) {
    refuses(whole.subarray(0, length), "corrupt-image", /truncated/);
  }
});

Deno.test("PNG: a wrong checksum is told with its chunk", () => {
  for (const [name, at] of [["IHDR", 16], ["IDAT", 45]] as const) {
    const bytes = pngFile(rgbPng);
    bytes[at]! ^= 1;
    refuses(bytes, "corrupt-image", new RegExp(`checksum of its ${name}`));
  }
});

Deno.test("PNG: a wrong checksum in a chunk that is not needed costs that chunk only", () => {
  const chunks = [
    ["tEXt", latin1("Title\0wrong")],
    ["tEXt", latin1("Author\0A Nobody")],
    ["gAMA", Uint8Array.of(0, 0, 0, 1)],
  ] as const;
  const bytes = pngFile({ ...rgbPng, chunks });
  const text = new TextDecoder("latin1").decode(bytes);
  bytes[text.indexOf("wrong")]! ^= 1;
  bytes[text.indexOf("gAMA") + 4]! ^= 1;
  const { metadata, warnings } = readHeader(bytes);
  assert.deepEqual(metadata, {
    texts: [{ type: "tEXt", data: latin1("Author\0A Nobody") }],
  });
  assert.equal(warnings.length, 2);
  assert.match(warnings.join(), /tEXt chunk is wrong.*gAMA/);
});

Deno.test("PNG: kinds of pixels that do not exist are refused", () => {
  refuses(
    pngFile({ ...rgbPng, depth: 4 }),
    "corrupt-image",
    /pixel format that PNG does not have/,
  );
  refuses(pngFile({ ...rgbPng, idat: [] }), "corrupt-image", /no pixels/);
  refuses(pngFile({ ...rgbPng, colourType: 3 }), "corrupt-image", /palette/);
  refuses(pngFile({ ...rgbPng, width: 0 }), "corrupt-image", /0x13/);
});

Deno.test("JPEG: baseline and progressive are one, grey and CMYK told apart", async () => {
  const info = { ...PLAIN, format: "jpeg" };
  assert.deepEqual(infoOf(await jpegFile(image)), info);
  assert.deepEqual(infoOf(flatJpeg({ components: [9] })), {
    ...info,
    grey: true,
    width: 8,
    height: 8,
  });
  assert.deepEqual(infoOf(await jpegFile(image, { progressive: true })), info);
  assert.deepEqual(
    infoOf(flatJpeg({ components: [10, 20, 30, 40], adobe: 0 })),
    { ...info, cmyk: true, width: 8, height: 8 },
  );
});

Deno.test("JPEG: EXIF, and a profile whose pieces come in any order, are found", () => {
  const icc = iccProfile("RGB ", 300);
  let jpeg: Uint8Array = flatJpeg({ components: [1, 2, 3] });
  // Each is put before the last.
  for (const [number, from] of [[2, 100], [3, 200], [1, 0]] as const) {
    jpeg = withJpegSegment(jpeg, 0xe2, [
      ...latin1("ICC_PROFILE\0"),
      number,
      3,
      ...icc.subarray(from, from + 100),
    ]);
  }
  jpeg = withJpegSegment(jpeg, 0xe1, [...latin1("Exif\0\0"), ...exifBlock(5)]);
  const { info, metadata } = readHeader(jpeg);
  assert.equal(info.orientation, 5);
  assert.deepEqual(metadata, { icc, exif: exifBlock(5) });
});

Deno.test("JPEG: a profile with a piece missing is left out", () => {
  const piece = [...latin1("ICC_PROFILE\0"), 2, 2, 1, 2, 3];
  const jpeg = withJpegSegment(flatJpeg({ components: [1] }), 0xe2, piece);
  assert.deepEqual(readHeader(jpeg).metadata, {});
});

Deno.test("JPEG: cut before its last scan begins, it is truncated", async () => {
  const whole = await jpegFile(image, { progressive: true });
  const last = [...jpegSegments(whole)].findLast(({ code }) => code === 0xda)!;
  for (let length = 3; length < last.at; length++) {
    refuses(whole.subarray(0, length), "corrupt-image", /truncated/);
  }
});

Deno.test("JPEG: what follows the end marker does not matter", async () => {
  const trailer = latin1("\xff\xd8 a second image, as some cameras write");
  const jpeg = concat([await jpegFile(image), trailer]);
  assert.equal(infoOf(jpeg).width, 21);
});

Deno.test("progressive JPEG: a hundred scans are read, one more is an attack", () => {
  const scans = (count: number): Uint8Array =>
    flatJpeg({ components: [1, 2, 3], frame: 0xc2, scans: count });
  assert.equal(infoOf(scans(100)).format, "jpeg");
  refuses(scans(101), "corrupt-image", /100 scans/);
});

Deno.test("JPEG: baseline has no more scans than components", () => {
  const scans = (count: number): Uint8Array =>
    flatJpeg({ components: [1, 2, 3, 4], adobe: 0, scans: count });
  assert.equal(infoOf(scans(4)).cmyk, true);
  refuses(scans(5), "corrupt-image", /4 scans/);
});

Deno.test("JPEG: kinds that are not read are named", () => {
  const jpeg = { components: [1, 2, 3] };
  refuses(flatJpeg({ ...jpeg, frame: 0xc3 }), "unsupported-format", /Lossless/);
  refuses(flatJpeg({ ...jpeg, frame: 0xc9 }), "unsupported-format", /arithm/);
  refuses(flatJpeg({ ...jpeg, precision: 12 }), "unsupported-format", /8 bits/);
  refuses(flatJpeg({ components: [1, 2] }), "corrupt-image", /2 colour/);
  refuses(flatJpeg({ ...jpeg, height: 0 }), "corrupt-image", /8x0/);
  refuses(flatJpeg({ ...jpeg, scans: 0 }), "corrupt-image", /no image/);
});

const gif = {
  screen: [30, 20],
  frame: [5, 4, 21, 13],
  index: (x: number) => x,
} as const;

Deno.test("GIF: its size is the screen's, and alpha is what a frame leaves open", () => {
  const info = {
    format: "gif",
    width: 30,
    height: 20,
    orientation: 1,
    bitDepth: 8,
    hasAlpha: true,
    grey: false,
    cmyk: false,
    lossless: true,
  };
  const full = { ...gif, frame: [0, 0, 30, 20] } as const;
  assert.deepEqual(infoOf(gifFile(gif)), info);
  assert.deepEqual(infoOf(gifFile(full)), { ...info, hasAlpha: false });
  const twice = gifFile({ ...full, transparent: 3, frames: 2 });
  assert.deepEqual(infoOf(twice), info);
});

Deno.test("GIF: cut before the pixels of its first frame, it is truncated", () => {
  const whole = gifFile({ ...gif, transparent: 3 });
  const pixels = 13 + 3 * 128 + 8 + 10;
  for (let length = 6; length < pixels + 2; length++) {
    refuses(whole.subarray(0, length), "corrupt-image", /truncated/);
  }
});

Deno.test("GIF: a frame that leaves the screen enlarges it, one without a size has the screen's", () => {
  const sizeOf = (
    screen: [number, number],
    frame: [number, number, number, number],
  ): number[] => {
    const { width, height } = infoOf(gifFile({ ...gif, screen, frame }));
    return [width, height];
  };
  assert.deepEqual(sizeOf([30, 20], [10, 4, 21, 13]), [31, 20]);
  assert.deepEqual(sizeOf([30, 20], [0, 0, 50, 40]), [50, 40]);
  assert.deepEqual(sizeOf([0, 0], [0, 0, 7, 9]), [7, 9]);
  refuses(
    gifFile({ ...gif, screen: [0, 0], frame: [0, 0, 0, 0] }),
    "corrupt-image",
    /0x0/,
  );
  assert.deepEqual(sizeOf([30, 20], [0, 0, 0, 0]), [30, 20]);
});

Deno.test("GIF: comments, XMP and profile are found", () => {
  const whole = gifFile({ ...gif, frames: 2 });
  const blocks = (bytes: Uint8Array): Uint8Array =>
    concat([
      ...Array.from({ length: Math.ceil(bytes.length / 255) }, (_, i) => {
        const part = bytes.subarray(255 * i, 255 * (i + 1));
        return concat([Uint8Array.of(part.length), part]);
      }),
      Uint8Array.of(0),
    ]);
  const icc = iccProfile("RGB ", 700);
  const xmp = latin1("<x:xmpmeta>caf\xe9</x:xmpmeta>");
  const trailer = Uint8Array.from(
    { length: 258 },
    (_, i) => i === 0 ? 1 : i > 256 ? 0 : 256 - i,
  );
  const start = 13 + 3 * 128;
  const file = concat([
    whole.subarray(0, start),
    latin1("!\xfe"),
    blocks(latin1("hello")),
    // An extension without sub-blocks.
    latin1("!\xfe\0"),
    latin1("!\xff\x0bICCRGBG1012"),
    blocks(icc),
    latin1("!\xff\x0bXMP DataXMP"),
    xmp,
    trailer,
    // A superfluous end mark.
    latin1("\0"),
    whole.subarray(start),
  ]);
  const { metadata, left } = readHeader(file);
  assert.deepEqual(metadata, { icc, xmp, comments: [latin1("hello")] });
  assert.match(left.join(), /animated/);
});

Deno.test("WebP: lossy and lossless, with and without alpha", async () => {
  const info = { ...PLAIN, format: "webp" };
  const format = "webp";
  assert.deepEqual(infoOf(await encode(image, { format })), info);
  assert.deepEqual(infoOf(await losslessWebp(image)), {
    ...info,
    lossless: true,
  });
  for (
    const [file, lossless] of [
      [await encode(translucent, { format }), false],
      [await losslessWebp(translucent), true],
    ] as const
  ) {
    assert.deepEqual(infoOf(file), { ...info, hasAlpha: true, lossless });
  }
});

Deno.test("WebP: EXIF is found, with and without JPEG's prefix", async () => {
  const metadata = { exif: exifBlock(7), icc: iccProfile("RGB ", 201) };
  const plain = await encode(image, { format: "webp", metadata });
  assert.deepEqual(readHeader(plain).metadata, metadata);
  const prefixed = await encode(image, {
    format: "webp",
    metadata: { ...metadata, exif: concat([latin1("Exif\0\0"), exifBlock(7)]) },
  });
  assert.deepEqual(readHeader(prefixed).metadata, metadata);
});

Deno.test("WebP: cut anywhere, it is truncated", async () => {
  const metadata = { icc: iccProfile("RGB ") };
  const whole = await encode(translucent, { format: "webp", metadata });
  for (let length = 12; length < whole.length; length++) {
    refuses(whole.subarray(0, length), "corrupt-image", /truncated/);
  }
});

Deno.test("WebP: animation is refused by name, a wrong canvas as damage", async () => {
  const metadata = { exif: exifBlock(1) };
  const file = await encode(image, { format: "webp", metadata });
  const animated = file.slice();
  animated[20]! |= 0x02;
  refuses(animated, "unsupported-format", /Animated WebP/);
  const wide = file.slice();
  wide[24]! += 1;
  refuses(wide, "corrupt-image", /canvas is 22x13, its image 21x13/);
  refuses(webpFile([]), "corrupt-image", /no image/);
});

Deno.test("nothing is empty, and words are not an image", () => {
  refuses(new Uint8Array(), "empty-input", /empty/);
  refuses(
    latin1("not an image\n"),
    "not-an-image",
    /PNG, JPEG, WebP, AVIF, TIFF, GIF, BMP and HEIC/,
  );
  refuses(Uint8Array.of(0xff), "not-an-image", /not an image/);
  refuses(latin1("BMW is a car maker, BMP a format"), "not-an-image", /./);
  refuses(latin1("<html><svg></svg></html>"), "not-an-image", /./);
});

/** First bytes of formats that are known but not read. */
const NOT_READ: readonly (readonly [string, RegExp])[] = [
  ["II+\0\x08\0\0\0", /BigTIFF/],
  ["\0\0\0\x20ftypcrx \0\0\0\0", /CR3/],
  ["\0\0\0\x18ftypheic\0\0\0\0", /film/],
  ['<?xml version="1.0"?>\n<svg width="9"/>', /SVG/],
  ["\xef\xbb\xbf <svg/>", /SVG/],
  ["\0\0\x01\0\x01\0\x10\x10", /ICO/],
  ["\xff\x0a\x7a\x80", /JPEG XL/],
  ["\0\0\0\x0cJXL \r\n\x87\n", /JPEG XL/],
  ["\0\0\0\x0cjP  \r\n\x87\n", /JPEG 2000/],
  ["8BPS\0\x01", /Photoshop/],
];

Deno.test("formats that are not read are named", () => {
  for (const [magic, name] of NOT_READ) {
    refuses(latin1(magic), "unsupported-format", name);
  }
});

Deno.test("huge sizes are read from the header, not believed", () => {
  const jpeg = flatJpeg({ components: [1, 2, 3], width: 20000, height: 20000 });
  assert.equal(infoOf(jpeg).width, 20000);
  const bytes = gifFile(gif);
  viewOf(bytes).setUint32(6, 0xffffffff);
  assert.equal(infoOf(bytes).height, 65535);
});
