/** BMP, TIFF, HEIC and AVIF: what is read of them, and what is refused before it is decoded. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decode } from "./decode.ts";
import { AVIF, HEIC } from "./heif/test_files.ts";
import { bmpFile, infoOf, tiffFile } from "./test_images.ts";
import { textAt, viewOf } from "./bytes.ts";
import { encode } from "./encode.ts";

const LIMITS = { maxPixels: 1e6, maxBytes: 1e6 };

Deno.test("BMP: pixels the right way up", async () => {
  const file = bmpFile(5, 3, (x, y) => [10 * x, 20 * y, 7]);
  const { raster, format, lossless } = await decode(file, LIMITS);
  assert.deepEqual([format, lossless, raster.width, raster.height], [
    "bmp",
    true,
    5,
    3,
  ]);
  assert.deepEqual([...raster.data.subarray(4 * 9, 4 * 10)], [40, 20, 7, 255]);
});

Deno.test("TIFF: grey stays grey, orientation is applied, further images are told", async () => {
  const samples = Uint8Array.from({ length: 6 }, (_, i) => 40 * i);
  const { raster, grey, warnings } = await decode(
    tiffFile(3, 2, samples),
    LIMITS,
  );
  assert.equal(grey, true);
  assert.deepEqual([...raster.data.subarray(4, 8)], [40, 40, 40, 255]);
  assert.deepEqual(warnings, []);
  const turned = (await decode(tiffFile(3, 2, samples, { 274: 6 }), LIMITS))
    .raster;
  assert.deepEqual([turned.width, turned.height, turned.data[0]], [2, 3, 120]);
  // A second directory, which is the first again but for its end.
  const one = tiffFile(3, 2, samples);
  const two = new Uint8Array(one.length * 2);
  two.set(one);
  two.set(one.subarray(14), one.length);
  viewOf(two).setUint32(one.length - 4, one.length, true);
  assert.deepEqual((await decode(two, LIMITS)).left, [
    "The TIFF has 2 images; only the first is read.",
  ]);
});

Deno.test("attack: a TIFF's further images are not decoded, nor are channels without number", async () => {
  const samples = new Uint8Array(6).fill(9);
  const one = tiffFile(3, 2, samples);
  const vast = tiffFile(20000, 20000, samples, { 277: 1, 262: 1 });
  const directory = vast.subarray(8 + samples.length);
  const two = new Uint8Array(one.length + directory.length);
  two.set(one);
  two.set(directory, one.length);
  viewOf(two).setUint32(one.length - 4, one.length, true);
  const { raster, warnings } = await decode(two, LIMITS);
  assert.deepEqual([raster.width, raster.height], [3, 2]);
  assert.deepEqual(warnings, []);
  for (const [channels, read] of [[6, true], [7, false], [65535, false]]) {
    const file = tiffFile(3, 2, new Uint8Array(36), {
      277: +channels!,
      262: 2,
    });
    const decoding = decode(file, LIMITS);
    if (read) await decoding;
    else {
      await assert.rejects(decoding, {
        code: "unsupported-format",
        message: /channels, of which 3 are colours; flatten it/,
      });
    }
  }
});

Deno.test("HEIC and AVIF: size as they are looked at, pixels as many", async () => {
  for (
    const [file, format, width, height] of [
      [HEIC, "heic", 16, 24],
      [AVIF, "avif", 24, 16],
    ] as const
  ) {
    const info = infoOf(file);
    assert.deepEqual([info.format, info.width, info.height], [
      format,
      width,
      height,
    ]);
    const { raster } = await decode(file, LIMITS);
    assert.deepEqual([raster.width, raster.height], [width, height]);
    const colours = new Set(new Uint32Array(raster.data.buffer));
    assert.ok(colours.size > 50);
  }
});

/** A copy with other bytes at a place. */
function changed(
  file: Uint8Array,
  at: number,
  ...bytes: number[]
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(file);
  copy.set(bytes, at);
  return copy;
}

function indexOf(file: Uint8Array, text: string): number {
  return new TextDecoder("latin1").decode(file).indexOf(text);
}

Deno.test("attack: sizes and counts of BMP, TIFF, HEIC and AVIF are refused by their headers", () => {
  const bmp = bmpFile(5, 3, () => [1, 2, 3]);
  const tiff = tiffFile(3, 2, new Uint8Array(6));
  const wide = indexOf(AVIF, "ispe") + 8;
  const cases: readonly [string, Uint8Array, string, RegExp][] = [
    [
      "BMP of 4 G rows",
      changed(bmp, 22, 255, 255, 255, 127),
      "corrupt-image",
      /pixels are missing/,
    ],
    [
      "BMP with JPEG in it",
      changed(bmp, 30, 4),
      "unsupported-format",
      /not read/,
    ],
    [
      "BMP of a width below 0",
      changed(bmp, 18, 251, 255, 255, 255),
      "corrupt-image",
      /width is -5/,
    ],
    ["BMP of 7 bits", changed(bmp, 28, 7), "corrupt-image", /7 bits/],
    ["BigTIFF", changed(tiff, 2, 43), "unsupported-format", /BigTIFF/],
    [
      "Canon's raw",
      changed(tiff, 8, 0x43, 0x52),
      "unsupported-format",
      /raw camera file/,
    ],
    [
      "DNG",
      tiffFile(3, 2, new Uint8Array(6), { 50706: 1 }),
      "unsupported-format",
      /raw camera file/,
    ],
    [
      "TIFF of an unknown compression",
      tiffFile(3, 2, new Uint8Array(6), { 259: 34712 }),
      "unsupported-format",
      /34712/,
    ],
    [
      "AVIF whose properties are gone",
      AVIF.subarray(0, indexOf(AVIF, "iprp")),
      "unsupported-format",
      /still image/,
    ],
    [
      "AVIF of another item",
      changed(AVIF, indexOf(AVIF, "pitm") + 8, 0, 9),
      "corrupt-image",
      /no size/,
    ],
  ];
  for (const [name, file, code, message] of cases) {
    assert.throws(() => infoOf(file), { code, message }, name);
  }
  const huge = changed(AVIF, wide, 0, 1, 0, 0, 0, 1, 0, 0);
  assert.equal(infoOf(huge).width, 65536);
  return assert.rejects(decode(huge, LIMITS), { code: "too-many-pixels" });
});

Deno.test("attack: directories of a TIFF that lead to themselves are read once", () => {
  const tiff = tiffFile(3, 2, new Uint8Array(6));
  const loop = changed(tiff, tiff.length - 4, 14, 0, 0, 0);
  assert.equal(infoOf(loop).width, 3);
});

Deno.test("attack: an AVIF whose frames are larger than its boxes say is refused before it is decoded", async () => {
  const side = 1200;
  const raster = {
    width: side,
    height: side,
    data: new Uint8Array(4 * side * side).fill(90),
  };
  const file = await encode(raster, { format: "avif" });
  const limits = { ...LIMITS, maxPixels: 2e6 };
  assert.equal((await decode(file, limits)).raster.width, side);
  const view = viewOf(file);
  let sizes = 0;
  for (let at = 0; at + 16 < file.length; at++) {
    if (textAt(file, at, 4) !== "ispe") continue;
    view.setUint32(at + 8, 64);
    view.setUint32(at + 12, 64);
    sizes++;
  }
  assert.ok(sizes > 0);
  await assert.rejects(decode(file, limits), {
    code: "corrupt-image",
    message:
      "The AVIF is damaged: it stores far more pixels than its image has.",
  });
});

Deno.test("TIFF: where 0 is white, it is white with any number of bits", async () => {
  const file = tiffFile(4, 1, Uint8Array.of(0x0f, 0x80), {
    258: 4,
    262: 0,
    277: 1,
  });
  const { raster } = await decode(file, LIMITS);
  assert.deepEqual(
    [...raster.data].filter((_, i) => i % 4 === 0),
    [255, 0, 119, 255],
  );
});

Deno.test("TIFF: kinds of samples that would come out as others are refused", async () => {
  const kinds: readonly (readonly [Record<number, number>, RegExp])[] = [
    [{ 339: 2 }, /signed numbers/],
    [{ 262: 1, 277: 2, 284: 2, 338: 2 }, /planes of their own/],
    [{ 262: 9 }, /L\*a\*b\*/],
  ];
  for (const [entries, message] of kinds) {
    const file = tiffFile(2, 1, new Uint8Array(6), entries);
    await assert.rejects(decode(file, LIMITS), {
      code: "unsupported-format",
      message,
    });
  }
});

Deno.test("AVIF: colours without a profile are told as PNG tells them, unless they are as good as sRGB", async () => {
  const at = Buffer.from(AVIF).indexOf("nclx");
  assert.ok(at > 0);
  const withColours = (primaries: number, transfer: number): Uint8Array => {
    const copy = AVIF.slice();
    viewOf(copy).setUint16(at + 4, primaries);
    viewOf(copy).setUint16(at + 6, transfer);
    return copy;
  };
  const { metadata } = await decode(withColours(12, 13), LIMITS);
  assert.deepEqual(metadata.colours, [
    { type: "cICP", data: Uint8Array.of(12, 13, 0, 1) },
  ]);
  for (const [primaries, transfer] of [[1, 13], [1, 1], [2, 2]]) {
    const usual = withColours(primaries!, transfer!);
    assert.equal((await decode(usual, LIMITS)).metadata.colours, undefined);
  }
});
