import assert from "node:assert/strict";
import { greyJpeg } from "../../tests/images.ts";
import { decode as decodeHere } from "./decode.ts";
import { encode as encodeHere, encodeRows } from "./encode.ts";
import { overlay } from "./heat_map.ts";
import { rowsOf } from "./rows.ts";
import { exifBlock, gifFile, gradient, iccProfile } from "./test_images.ts";
import { OUTPUT_FORMATS, type Raster } from "../types.ts";
import { readUserMask } from "./user_mask.ts";
import {
  decode,
  decodeMask,
  encode,
  encodeMask,
  retainCodecWorker,
} from "./mod.ts";

const LIMITS = { maxPixels: 5e8, maxBytes: 1e8 };
const image = gradient(48, 40, (x, y) => 255 - x - y);
const metadata = { icc: iccProfile("RGB "), exif: exifBlock(6) };

Deno.test("files are decoded and written as on this thread, with their metadata", async () => {
  using _ = retainCodecWorker();
  for (const format of OUTPUT_FORMATS) {
    const options = { format, quality: 80, metadata };
    const file = await encode(image, options);
    assert.deepEqual(file, await encodeHere(image, options));
    const decoded = await decode(file, LIMITS, () => {});
    assert.deepEqual(decoded, await decodeHere(file, LIMITS));
    assert.deepEqual([decoded.raster.width, decoded.raster.height], [40, 48]);
    // They are not copied on their way.
    assert.ok(decoded.raster.data.buffer instanceof SharedArrayBuffer, format);
  }
  const gif = gifFile({
    screen: [48, 40],
    frame: [3, 2, 40, 30],
    index: (x, y) => (x * y) % 128,
  });
  assert.deepEqual(
    await decode(gif, LIMITS, () => {}),
    await decodeHere(gif, LIMITS),
  );
});

Deno.test("masks are written as on this thread", async () => {
  using _ = retainCodecWorker();
  const mask = {
    width: 48,
    height: 40,
    data: Uint8Array.from({ length: 48 * 40 }, (_, i) => i % 256),
  };
  assert.deepEqual(
    await encodeMask(mask, null),
    await encodeRows(rowsOf(mask, 1), { format: "png" }),
  );
  assert.deepEqual(
    await encodeMask(mask, image),
    await encodeRows(overlay(image, rowsOf(mask, 1)), { format: "png" }),
  );
  await assert.rejects(encodeMask({ ...mask, width: 40 }, image), {
    code: "invalid-option",
  });
});

Deno.test("a caller's mask is decoded as on this thread, turned as its image is", async () => {
  using _ = retainCodecWorker();
  const file = await encodeHere(image, { format: "png" });
  for (const use of ["restrict", "protect"] as const) {
    const mask = await decodeMask(file, use, LIMITS, file);
    assert.deepEqual(mask, await readUserMask(file, use, LIMITS));
  }
  const turned = await encodeHere(image, { format: "jpeg", metadata });
  // The image's pixels are stored sideways, the mask's upright.
  const upright = gradient(40, 48, (x) => x);
  await decodeMask(
    await encodeHere(upright, { format: "png" }),
    "protect",
    LIMITS,
    turned,
  );
});

Deno.test("attack: a mask of another size is refused by its header", async () => {
  using _ = retainCodecWorker();
  const file = await encodeHere(image, { format: "png" });
  // Decoded it would be found to be cut off.
  const large = greyJpeg(5000, 5000, 1000);
  await assert.rejects(decodeMask(large, "restrict", LIMITS, file), {
    code: "invalid-option",
    message: "The mask is 5000x5000; it must have the image's size, 48x40.",
  });
  const few = { ...LIMITS, maxPixels: 1e6 };
  await assert.rejects(decodeMask(large, "restrict", few, file), {
    code: "too-many-pixels",
  });
});

Deno.test("the caller's bytes stay, also where they are part of more", async () => {
  using _ = retainCodecWorker();
  const file = await encodeHere(image, { format: "png" });
  const more = new Uint8Array(file.length + 7);
  more.set(file, 5);
  const part = more.subarray(5, 5 + file.length);
  const { raster } = await decode(part, LIMITS, () => {});
  assert.deepEqual(part, file);
  assert.equal(more.buffer.byteLength, more.length);
  await encode(raster, { format: "png" });
  const mask = { width: 48, height: 40, data: new Uint8Array(48 * 40) };
  await encodeMask(mask, raster);
  assert.equal(mask.data.length, 48 * 40);
  assert.equal(raster.data.length, 4 * 48 * 40);
  assert.equal(raster.data.buffer.byteLength, raster.data.length);
});

Deno.test("a large image outlives the Worker that decoded it", async () => {
  using _ = retainCodecWorker();
  const large = gradient(2100, 2000);
  for (const format of OUTPUT_FORMATS) {
    const file = await encode(large, { format });
    assert.deepEqual(file, await encodeHere(large, { format }));
    const { raster } = await decode(file, LIMITS, () => {});
    assert.deepEqual(raster, (await decodeHere(file, LIMITS)).raster);
  }
});

Deno.test("each error crosses over as it is, and the next image is well", async () => {
  using _ = retainCodecWorker();
  const good = await encodeHere(image, { format: "jpeg" });
  const bad = good.slice();
  bad.fill(0x5a, bad.length - 60, bad.length - 2);
  const files: [Uint8Array, Partial<typeof LIMITS>][] = [
    [bad, {}],
    [good.subarray(0, 200), {}],
    [new Uint8Array(), {}],
    [new TextEncoder().encode("no image at all"), {}],
    [good, { maxPixels: 100 }],
    [good, { maxBytes: 100 }],
  ];
  const codes: string[] = [];
  for (const [file, limits] of files) {
    const all = { ...LIMITS, ...limits };
    const here = await decodeHere(file, all).catch((error) => error);
    codes.push(here.code);
    await assert.rejects(decode(file, all, () => {}), {
      name: "LimpidError",
      code: here.code,
      message: here.message,
    });
    const { raster } = await decode(good, LIMITS, () => {});
    assert.equal(raster.width, 48);
  }
  assert.deepEqual(codes, [
    "corrupt-image",
    "corrupt-image",
    "empty-input",
    "not-an-image",
    "too-many-pixels",
    "too-many-bytes",
  ]);
  const wide = { width: 70_000, height: 1, data: new Uint8Array(280_000) };
  await assert.rejects(encode(wide, { format: "jpeg" }), {
    code: "invalid-option",
    message: /65500/,
  });
});

Deno.test("what the header says can be refused before anything is decoded", async () => {
  // Decoded, it would take 26 seconds and 4.4 GB.
  const bomb = greyJpeg(20_000, 20_000, 364_000);
  const refusal = new Error("too large for me");
  await assert.rejects(
    decode(bomb, LIMITS, ({ width, height }) => {
      assert.deepEqual([width, height], [20_000, 20_000]);
      throw refusal;
    }),
    refusal,
  );
});

Deno.test("calls at the same time do not mix, and each may be the last", async () => {
  const images = [1, 2, 3].map((seed) => gradient(30 + seed, 20, () => seed));
  const files = await Promise.all(
    images.map((raster) => encode(raster, { format: "png" })),
  );
  const decoded = await Promise.all(
    files.map((file) => decode(file, LIMITS, () => {})),
  );
  assert.deepEqual(decoded.map(({ raster }) => raster), images);
});

Deno.test("a hold that is given up twice counts once", async () => {
  using _ = retainCodecWorker();
  const other = retainCodecWorker();
  other[Symbol.dispose]();
  other[Symbol.dispose]();
  assert.ok((await encode(image, { format: "png" })).length > 0);
});

Deno.test("the event loop goes on while an image is decoded and written", async () => {
  using _ = retainCodecWorker();
  const raster = noise(2000, 1500);
  const mask = { width: 2000, height: 1500, data: new Uint8Array(3e6) };
  const file = await encode(raster, { format: "jpeg" });
  const jobs: Record<string, () => Promise<unknown>> = {
    decode: () => decode(file, LIMITS, () => {}),
    mask: () => decodeMask(file, "restrict", LIMITS, file),
    jpeg: () => encode(raster, { format: "jpeg" }),
    png: () => encode(raster, { format: "png" }),
    overlay: () => encodeMask(mask, raster),
  };
  for (const [name, job] of Object.entries(jobs)) {
    const { gap, time } = await longestGap(job);
    // Both grow on a busy machine. On one thread the gap would be the whole
    // time.
    assert.ok(gap < time / 2, `${name}: ${gap} of ${time} ms`);
  }
});

/** Milliseconds that a job takes, and the longest wait of a timer meanwhile. */
async function longestGap(
  job: () => Promise<unknown>,
): Promise<{ gap: number; time: number }> {
  const began = performance.now();
  let last = began;
  let gap = 0;
  const note = (): void => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  };
  const timer = setInterval(note, 5);
  await job();
  clearInterval(timer);
  note();
  return { gap, time: last - began };
}

function noise(width: number, height: number): Raster {
  const data = new Uint8Array(4 * width * height);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = i % 4 === 3 ? 255 : state >>> 26;
  }
  return { width, height, data };
}
