import assert from "node:assert/strict";
import { isOutOfMemory, outOfMemory } from "../out_of_memory.ts";
import { checkMemory, peakBytes } from "./memory_estimate.ts";

const IMAGE = { width: 6000, height: 4000 };
const CUT = { tile: 512, halo: 64 };

Deno.test("memory grows with pixels, tile and file", () => {
  const base = peakBytes(IMAGE, 1e6, CUT);
  // In, out and a mask are the least that must fit.
  assert.ok(base > 9 * 24e6);
  for (
    const more of [
      peakBytes({ ...IMAGE, width: 6001 }, 1e6, CUT),
      peakBytes(IMAGE, 1e6 + 1, CUT),
      peakBytes(IMAGE, 1e6, { ...CUT, tile: 640 }),
    ]
  ) assert.ok(more > base);
});

Deno.test("lossless WebP takes more, where it is what is written", () => {
  const base = peakBytes(IMAGE, 1e6, CUT);
  const lossless = { ...IMAGE, format: "webp", lossless: true } as const;
  const png = { ...IMAGE, format: "png", lossless: true } as const;
  const asked = { ...CUT, format: "webp", quality: "lossless" } as const;
  assert.ok(peakBytes(lossless, 1e6, CUT) > base);
  assert.ok(peakBytes(png, 1e6, asked) > base);
  assert.equal(peakBytes(png, 1e6, CUT), base);
  assert.equal(peakBytes(lossless, 1e6, { ...CUT, quality: 92 }), base);
  assert.equal(peakBytes(lossless, 1e6, { ...CUT, format: "jpeg" }), base);
});

Deno.test("AVIF takes more, where it is what is written", () => {
  const base = peakBytes(IMAGE, 1e6, CUT);
  const avif = { ...IMAGE, format: "avif" } as const;
  // The encoder alone takes 55 bytes a pixel.
  assert.ok(peakBytes(avif, 1e6, CUT) > base + 55 * 24e6);
  assert.equal(
    peakBytes(IMAGE, 1e6, { ...CUT, format: "avif" }),
    peakBytes(avif, 1e6, CUT),
  );
  assert.equal(peakBytes(avif, 1e6, { ...CUT, format: "png" }), base);
});

Deno.test("16 bits a sample take more, where they are there and asked for", () => {
  const base = peakBytes(IMAGE, 1e6, CUT);
  const deep = { ...IMAGE, format: "png", deep: true } as const;
  // The samples that are kept, and the decoder's.
  assert.ok(peakBytes(deep, 1e6, { ...CUT, depth: 16 }) > base + 40 * 24e6);
  assert.equal(peakBytes(deep, 1e6, { ...CUT, depth: 8 }), base);
  assert.equal(peakBytes(IMAGE, 1e6, { ...CUT, depth: 16 }), base);
});

Deno.test("a small image takes less than a tile would", () => {
  const small = { width: 300, height: 200 };
  const bytes = peakBytes(small, 1e5, CUT);
  assert.ok(bytes < peakBytes({ width: 640, height: 640 }, 1e5, CUT));
  assert.equal(peakBytes(small, 1e5, { ...CUT, tile: 4096 }), bytes);
});

Deno.test("an image is refused above the limit only", () => {
  const bytes = peakBytes(IMAGE, 1e6, CUT);
  checkMemory(IMAGE, 1e6, CUT, null);
  checkMemory(IMAGE, 1e6, CUT, bytes);
  assert.throws(() => checkMemory(IMAGE, 1e6, CUT, bytes - 1), {
    name: "LimpidError",
    code: "too-much-memory",
    message:
      /^The image of 6000x4000 pixels takes about \d+ MiB with tiles of 512, the limit is \d+ MiB; [^.]+\.$/,
  });
});

Deno.test("want of memory is told from other errors", () => {
  const want = caught(() => new ArrayBuffer(2 ** 52));
  assert.equal(isOutOfMemory(want), true, `${want}`);
  assert.equal(outOfMemory(want).code, "too-much-memory");
  for (
    const error of [
      caught(() => new Uint8Array(1).set([1, 2])),
      caught(() => new Uint8Array(-1)),
      caught(() => new DataView(new ArrayBuffer(1)).getUint16(0)),
      new Error("out of memory"),
    ]
  ) assert.equal(isOutOfMemory(error), false, `${error}`);
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
