import assert from "node:assert/strict";
import { concat } from "../bytes.ts";
import { encode } from "../encode.ts";
import { JpegStripConcatenator } from "./strip_concatenator.ts";
import { encodeRgb, withLibjpegTurbo } from "./libjpeg_turbo.ts";
import { bandHeight } from "../rows.ts";

/** An image by its RGB samples. */
interface Image {
  readonly width: number;
  readonly height: number;
  readonly sample: (x: number, y: number, c: number) => number;
}

/** Uniform values 0..255, a function of the position. */
function noise(x: number, y: number, c: number): number {
  let state = x * 374_761_393 + y * 668_265_263 + c * 2_147_483_647 | 0;
  state = Math.imul(state ^ state >>> 13, 1_274_126_177);
  return (state ^ state >>> 16) & 255;
}

/**
 * Contents of the JPEGs: long codes, the longest, many zeros, a single block at
 * the end.
 */
const SAMPLES: Readonly<Record<string, Image["sample"]>> = {
  noise,
  extremes: (x, y, c) => noise(x, y, c) < 128 ? 0 : 255,
  waves: (x, y, c) => 128 + 100 * Math.sin(x / 9 + c) * Math.cos(y / 13),
  black: () => 0,
  white: () => 255,
  steps: (x, y) => 255 * ((x >> 3) + (y >> 3) & 1),
};

/** The part of the image as a JPEG. */
function jpegOf(
  { sample }: Image,
  quality: number,
  left: number,
  top: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  return encodeRgb(width, height, quality, false, (samples) => {
    for (let i = 0; i < 3 * width * height; i++) {
      const pixel = Math.floor(i / 3);
      const x = left + pixel % width;
      samples[i] = sample(x, top + Math.floor(pixel / width), i % 3);
    }
  });
}

async function joined(
  image: Image,
  quality: number,
  step: number,
): Promise<Uint8Array> {
  const { width, height } = image;
  const joiner = new JpegStripConcatenator();
  const left = width - 1 & ~7;
  for (let top = 0; top < height; top += step) {
    const bottom = Math.min(height, top + step);
    const last = bottom - 1 & ~7;
    joiner.add(
      await jpegOf(image, quality, 0, top, width, bottom - top),
      await jpegOf(image, quality, left, last, width - left, bottom - last),
    );
  }
  return concat(joiner.end(height));
}

for (const [name, sample] of Object.entries(SAMPLES)) {
  Deno.test(`bands of ${name} make the bytes of the whole`, async () => {
    for (
      const [width, height, step] of [
        [64, 64, 8],
        [61, 83, 16],
        [1, 20, 8],
        [200, 9, 8],
        [8, 8, 8],
        [17, 5, 24],
        [130, 300, 64],
      ] as const
    ) {
      const image = { width, height, sample };
      for (const quality of [1, 30, 75, 92, 95, 96, 100]) {
        const whole = await jpegOf(image, quality, 0, 0, width, height);
        assert.deepEqual(
          await joined(image, quality, step),
          whole,
          `${width}x${height} at ${quality}`,
        );
      }
    }
  });
}

Deno.test("a large image is written in little memory, and is the same file", async () => {
  // Three bands and a bit; in one piece it would take 86 MB.
  const width = 2048;
  const height = 3 * bandHeight(width) + 2600;
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let at = 0; at < data.length; at++) {
    if (at % 4 < 3) data[at] = noise(at, at >> 13, 0) >> 3;
  }
  const file = await encode({ width, height, data }, { format: "jpeg" });
  const bytes = await withLibjpegTurbo(({ memory }) =>
    memory.buffer.byteLength
  );
  // What it begins with.
  assert.ok(bytes <= 50 * 2 ** 20, `${bytes}`);
  const sample = (x: number, y: number, c: number): number =>
    data[4 * (y * width + x) + c]!;
  const whole = jpegOf({ width, height, sample }, 92, 0, 0, width, height);
  assert.deepEqual(file, await whole);
});
