/** Image files spoiled at random, the same for the same seed. */
import { crc32 } from "node:zlib";
import { encode } from "../lib/codecs/encode.ts";
import {
  gifFile,
  gradient,
  jpegFile,
  losslessWebp,
} from "../lib/codecs/test_images.ts";

/** Whole numbers below a bound (minimal standard generator). */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = state * 48271 % 0x7fffffff;
    return Math.floor(state / 0x7fffffff * bound);
  };
}

/** Good files: PNG, JPEG of two kinds, WebP of two kinds, GIF. */
export function goodFiles(): Promise<Uint8Array[]> {
  const image = gradient(48, 40, (x, y) => 255 - x - y);
  return Promise.all([
    encode(image, { format: "png" }),
    encode(image, { format: "jpeg" }),
    jpegFile(image, { progressive: true }),
    encode(image, { format: "webp" }),
    losslessWebp(image),
    Promise.resolve(gifFile({
      screen: [48, 40],
      frame: [3, 2, 40, 30],
      index: (x, y) => (x * y) % 128,
      transparent: 5,
      frames: 2,
    })),
  ]);
}

/** `count` spoiled files, one kind after the other. */
export async function* mutations(
  count: number,
  seed: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const files = await goodFiles();
  const below = randomNumbers(seed);
  for (let i = 0; i < count; i++) {
    const good = files[i % files.length]!;
    const bad = spoiled(good, below);
    // Otherwise no spoiled PNG would get past its checksums.
    yield i % files.length === 0 && below(4) > 0
      ? withRightChecksums(bad)
      : bad;
  }
}

/** A copy with wrong bytes, or a piece lost, doubled, zeroed or cut off. */
function spoiled(
  good: Uint8Array,
  below: (bound: number) => number,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(good);
  const at = below(good.length);
  const end = Math.min(good.length, at + 1 + below(64));
  switch (below(7)) {
    case 0:
      return new Uint8Array([...copy.subarray(0, at), ...copy.subarray(end)]);
    case 1:
      return new Uint8Array([...copy.subarray(0, end), ...copy.subarray(at)]);
    case 2:
      return copy.fill(0, at, end);
    case 3:
      return copy.slice(0, at);
    case 4:
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

function withRightChecksums(
  png: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(png.buffer);
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > png.length) break;
    view.setUint32(end - 4, crc32(png.subarray(at + 4, end - 4)));
    at = end;
  }
  return png;
}
