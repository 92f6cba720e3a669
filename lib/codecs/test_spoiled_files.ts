/**
 * Image files of every kind that is read, and randomly damaged copies,
 * reproducible by seed.
 */
import { crc32 } from "node:zlib";
import { concat, viewOf } from "./bytes.ts";
import { encode } from "./encode.ts";
import { AVIF, HEIC } from "./heif/test_files.ts";
import { PNG_SIGNATURE } from "./png/chunks.ts";
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

const image = gradient(48, 40, (x, y) => 255 - x - y);
export const metadata = { icc: iccProfile("RGB "), exif: exifBlock(6) };

/** Small files by name. */
export const FILES: Readonly<Record<string, () => Promise<Uint8Array>>> = {
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

/** `count` damaged copies; kinds of files take turns. */
export async function* spoiledFiles(
  count: number,
  seed: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const files = await Promise.all(Object.values(FILES).map((make) => make()));
  const below = randomNumbers(seed);
  for (let i = 0; i < count; i++) {
    yield spoiledCopy(files[i % files.length]!, below);
  }
}

/** A copy with wrong bytes, or a piece removed, doubled, zeroed or cut off. */
export function spoiledCopy(
  good: Uint8Array,
  below: (bound: number) => number,
): Uint8Array<ArrayBuffer> {
  const bad = spoiled(good, below);
  // Otherwise every damaged PNG would fail at its checksums.
  const png = PNG_SIGNATURE.every((byte, i) => bad[i] === byte);
  return png && below(4) > 0 ? withRightChecksums(bad) : bad;
}

function spoiled(
  good: Uint8Array,
  below: (bound: number) => number,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(good);
  const at = below(good.length);
  const end = Math.min(good.length, at + 1 + below(64));
  switch (below(7)) {
    case 0:
      return concat([copy.subarray(0, at), copy.subarray(end)]);
    case 1:
      return concat([copy.subarray(0, end), copy.subarray(at)]);
    case 2:
      return copy.fill(0, at, end);
    case 3:
      return copy.slice(0, at);
    case 4:
      // Headers hold sizes and counts.
      copy[below(Math.min(good.length, 64))] = below(256);
      return copy;
    default:
      for (let i = below(8); i >= 0; i--) {
        copy[below(good.length)]! ^= 1 << below(8);
      }
      return copy;
  }
}

/** Recomputes the checksums of a PNG's chunks. */
function withRightChecksums(
  png: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const view = viewOf(png);
  for (let at = PNG_SIGNATURE.length; at + 12 <= png.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > png.length) break;
    view.setUint32(end - 4, crc32(png.subarray(at + 4, end - 4)));
    at = end;
  }
  return png;
}

/**
 * Random whole numbers below a bound, reproducible by seed (minimal standard
 * generator).
 */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = state * 48271 % 0x7fffffff;
    return Math.floor(state / 0x7fffffff * bound);
  };
}
