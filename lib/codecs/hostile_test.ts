/**
 * Files spoiled at random, always in the same way: each is decoded to the size
 * that its header says, or refused with Limpid's own error, in bounded time.
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { LimpidError } from "../errors.ts";
import { concat, viewOf } from "./bytes.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { ownFormat } from "../formats.ts";
import { AVIF, HEIC } from "./heif/test_files.ts";
import { PNG_SIGNATURE } from "./png/chunks.ts";
import { probe } from "./probe.ts";
import {
  bmpFile,
  exifBlock,
  flatJpeg,
  gifFile,
  gradient,
  iccProfile,
  jpegFile,
  losslessWebp,
  pngFile,
  tiffFile,
} from "./test_images.ts";

/** Spoiled copies of each file. */
const COPIES = 60;
/** Small, so that a header that grows is refused rather than decoded. */
const LIMITS = { maxPixels: 1e6, maxBytes: 1e6 };
/** Milliseconds for one file; the slowest takes some 400 on a busy core. */
const TIME = 5000;

const image = gradient(48, 40, (x, y) => 255 - x - y);
const metadata = { icc: iccProfile("RGB "), exif: exifBlock(6) };

const FILES: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  "PNG": () => encode(image, { format: "png", metadata }),
  "interlaced palette PNG": () =>
    Promise.resolve(pngFile({
      width: 48,
      height: 40,
      depth: 4,
      colourType: 3,
      interlaced: true,
      sample: (x, y) => (x + y) % 16,
      chunks: [["PLTE", new Uint8Array(48).fill(90)], [
        "tRNS",
        Uint8Array.of(1, 2, 3),
      ]],
    })),
  "baseline JPEG": () => encode(image, { format: "jpeg", metadata }),
  "progressive JPEG": () => jpegFile(image, { progressive: true }),
  "CMYK JPEG": () =>
    Promise.resolve(flatJpeg({ components: [9, 99, 199, 250], adobe: 2 })),
  "GIF": () =>
    Promise.resolve(gifFile({
      screen: [48, 40],
      frame: [3, 2, 40, 30],
      index: (x, y) => (x * y) % 128,
      transparent: 5,
      frames: 2,
    })),
  "lossy WebP": () => encode(image, { format: "webp", metadata }),
  "lossless WebP": () => losslessWebp(image),
  "BMP": () => Promise.resolve(bmpFile(48, 40, (x, y) => [x, y, x + y])),
  "TIFF": () =>
    Promise.resolve(
      tiffFile(48, 40, Uint8Array.from({ length: 5760 }, (_, i) => i % 251)),
    ),
  "HEIC": () => Promise.resolve(HEIC),
  "AVIF": () => Promise.resolve(AVIF),
};

for (const [name, make] of Object.entries(FILES)) {
  Deno.test(`spoiled files: ${COPIES} of a ${name}`, async () => {
    const good = await make();
    const below = randomNumbers(name.length);
    let decoded = 0;
    for (let copy = 0; copy < COPIES; copy++) {
      let bad = spoiled(good, below);
      // Otherwise no spoiled PNG would get past its checksums.
      if (name.endsWith("PNG") && copy % 4 > 0) bad = withRightChecksums(bad);
      const began = performance.now();
      try {
        const { raster, format } = await decode(bad, LIMITS);
        const { width, height, orientation } = probe(bad);
        assert.deepEqual(
          [raster.width, raster.height],
          orientation < 5 ? [width, height] : [height, width],
        );
        assert.equal(raster.data.length, 4 * width * height);
        // A file that is decoded can be written again.
        await encode(raster, {
          format: ownFormat(format),
          metadata,
        });
        decoded++;
      } catch (error) {
        assert.ok(error instanceof LimpidError, `copy ${copy}: ${error}`);
      }
      const took = performance.now() - began;
      assert.ok(took < TIME, `copy ${copy} took ${took} ms`);
    }
    // The corpus is worth something only if it reaches both ends.
    assert.ok(
      decoded > 0 && decoded < COPIES,
      `${decoded} of ${COPIES} were decoded`,
    );
  });
}

/** A copy with up to eight wrong bytes, or a piece lost, doubled or zeroed. */
function spoiled(
  good: Uint8Array,
  below: (bound: number) => number,
): Uint8Array {
  const copy = new Uint8Array(good);
  const at = below(good.length);
  const end = Math.min(good.length, at + 1 + below(64));
  switch (below(6)) {
    case 0:
      return concat([copy.subarray(0, at), copy.subarray(end)]);
    case 1:
      return concat([copy.subarray(0, end), copy.subarray(at)]);
    case 2:
      return copy.fill(0, at, end);
    case 3:
      // Headers are where sizes and counts are.
      copy[below(Math.min(good.length, 64))] = below(256);
      return copy;
    default:
      for (let i = below(8); i >= 0; i--) {
        copy[below(good.length)]! ^= 1 << below(8);
      }
      return copy;
  }
}

/** A PNG whose chunks have the checksums of what they hold now. */
function withRightChecksums(png: Uint8Array): Uint8Array {
  const copy = new Uint8Array(png);
  const view = viewOf(copy);
  let at = PNG_SIGNATURE.length;
  while (at + 12 <= copy.length) {
    const end = at + 12 + view.getUint32(at);
    if (end > copy.length) break;
    view.setUint32(end - 4, crc32(copy.subarray(at + 4, end - 4)));
    at = end;
  }
  return copy;
}

/** Whole numbers below a bound, the same for the same seed (minimal standard generator). */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = state * 48271 % 0x7fffffff;
    return Math.floor(state / 0x7fffffff * bound);
  };
}
