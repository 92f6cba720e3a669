/** 16 bits a sample: what is read of PNG and TIFF, and what is read in 8 bits all the same. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { LimpidError } from "../errors.ts";
import { decode, type Decoded } from "./decode.ts";
import { encodeRows } from "./encode.ts";
import { deepRowsOf } from "./deep_rows.ts";
import { decode as decodeInWorker, encode } from "./mod.ts";
import { deepTiff, type DeepTiffParts, lzwBomb } from "./test_deep_tiff.ts";
import { exifBlock, gradient, infoOf, LIMITS, pngFile } from "./test_images.ts";
import { randomNumbers, spoiledCopy } from "./test_spoiled_files.ts";

const SIZE = { width: 37, height: 23 };

/** Samples of which neighbours differ in their low bytes, too. */
function sample(x: number, y: number, c: number): number {
  return (x * 1543 + y * 2713 + c * 9973 + x * y) % 65536;
}

/** The samples as RGBA. */
function expected(channels: number, of = sample): Uint16Array {
  const { width, height } = SIZE;
  const grey = channels < 3;
  return Uint16Array.from({ length: 4 * width * height }, (_, i) => {
    const x = (i >> 2) % width, y = Math.floor((i >> 2) / width);
    const c = i % 4;
    if (c === 3) return channels % 2 === 0 ? of(x, y, channels - 1) : 65535;
    return of(x, y, grey ? 0 : c);
  });
}

async function deepOf(file: Uint8Array): Promise<Uint16Array> {
  const { deep, raster, warnings, notes } = await decode(file, LIMITS, 16);
  assert.ok(deep, "16 bits");
  assert.deepEqual([warnings, notes], [[], []]);
  assert.ok(deep.data.buffer instanceof SharedArrayBuffer);
  assert.deepEqual([deep.width, deep.height], [raster.width, raster.height]);
  for (const [i, value] of deep.data.entries()) {
    // The colour of what is not seen is the decoder's choice.
    if (i % 4 !== 3 && raster.data[i | 3] === 0) continue;
    assert.ok(Math.abs((value >> 8) - raster.data[i]!) <= 1, `sample ${i}`);
  }
  return deep.data;
}

Deno.test("16-bit PNG: every kind, interlaced or not, is read sample for sample", async () => {
  for (const [colourType, channels] of [[0, 1], [4, 2], [2, 3], [6, 4]]) {
    for (const interlaced of [false, true]) {
      const file = pngFile({
        ...SIZE,
        depth: 16,
        colourType: colourType!,
        interlaced,
        sample,
      });
      assert.deepEqual(
        await deepOf(file),
        expected(channels!),
        `colour type ${colourType}, interlaced: ${interlaced}`,
      );
      assert.equal((await decode(file, LIMITS)).deep, null);
    }
  }
});

Deno.test("16-bit PNG: one colour without opacity is compared in 16 bits", async () => {
  const [r, g, b] = [sample(5, 7, 0), sample(5, 7, 1), sample(5, 7, 2)];
  const trns = Uint8Array.from([r, g, b].flatMap((v) => [v >> 8, v & 255]));
  const file = pngFile({
    ...SIZE,
    depth: 16,
    colourType: 2,
    sample,
    chunks: [["tRNS", trns]],
  });
  const data = await deepOf(file);
  const clear = [...data.keys()].filter((i) => i % 4 === 3 && data[i] === 0);
  assert.deepEqual(clear, [4 * (7 * SIZE.width + 5) + 3]);
});

/** 16-bit TIFFs by name. */
const TIFFS: Readonly<Record<string, Partial<DeepTiffParts>>> = {
  "RGB": {},
  "RGB, high byte first": { little: false },
  "grey": { channels: 1 },
  "grey and alpha": { channels: 2 },
  "RGB and alpha": { channels: 4, little: false },
  "LZW": { compression: "LZW" },
  "PackBits": { compression: "PackBits" },
  "PackBits, big-endian, strips": {
    compression: "PackBits",
    little: false,
    rowsPerStrip: 3,
  },
  "LZW, differences, strips": {
    compression: "LZW",
    differences: true,
    rowsPerStrip: 5,
    little: false,
  },
  "Deflate": { compression: "Deflate", rowsPerStrip: 1 },
  "Deflate, differences": { compression: "Deflate", differences: true },
  "tiles": { tile: 16 },
  "Deflate, differences, tiles": {
    compression: "Deflate",
    differences: true,
    tile: 16,
    channels: 4,
  },
};

function tiff(parts: Partial<DeepTiffParts> = {}): Uint8Array<ArrayBuffer> {
  return deepTiff({ ...SIZE, channels: 3, sample, ...parts });
}

Deno.test("16-bit TIFF: every kind is read sample for sample", async () => {
  for (const [name, parts] of Object.entries(TIFFS)) {
    assert.deepEqual(
      await deepOf(tiff(parts)),
      expected(parts.channels ?? 3),
      name,
    );
  }
});

Deno.test("16-bit TIFF: where 0 is white, samples are turned round", async () => {
  assert.deepEqual(
    await deepOf(tiff({ channels: 1, entries: { 262: 0 } })),
    expected(1, (x, y, c) => 65535 - sample(x, y, c)),
  );
});

Deno.test("16 bits: the samples are turned upright as the pixels are", async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const png = pngFile({
      ...SIZE,
      depth: 16,
      colourType: 6,
      sample,
      chunks: [["eXIf", exifBlock(orientation)]],
    });
    for (const file of [png, tiff({ entries: { 274: orientation } })]) {
      const data = await deepOf(file);
      // As many as there were, in another order: none is there twice.
      const stored = expected(file === png ? 4 : 3);
      assert.deepEqual(data.toSorted(), stored.toSorted());
    }
  }
});

Deno.test("16 bits asked for, and not there or not to be read: 8, and a sentence", async () => {
  const { width, height } = SIZE;
  const image = gradient(width, height);
  const EIGHT = /^The \w+ has 8 bits a channel, and so has its result\.$/;
  const CUT = /^The TIFF has \d+ bits a sample; 8 of them are read\.$/;
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ["PNG", await encode(image, { format: "png" }), EIGHT],
    ["JPEG", await encode(image, { format: "jpeg" }), EIGHT],
    ["WebP", await encode(image, { format: "webp" }), EIGHT],
    [
      "palette",
      pngFile({
        ...SIZE,
        depth: 4,
        colourType: 3,
        chunks: [["PLTE", new Uint8Array(48)]],
      }),
      EIGHT,
    ],
    [
      "planar TIFF",
      // The planes lie one after the other: a strip for each.
      tiff({
        channels: 3,
        height: 3 * height,
        rowsPerStrip: height,
        entries: { 257: height, 284: 2 },
      }),
      CUT,
    ],
    ["premultiplied", tiff({ channels: 4, entries: { 338: 1 } }), CUT],
  ];
  for (const [name, file, sentence] of cases) {
    let decoded: Decoded;
    try {
      decoded = await decode(file, LIMITS, 16);
    } catch (error) {
      assert.fail(`${name}: ${error}`);
    }
    const { deep, notes, raster } = decoded;
    assert.equal(deep, null, name);
    assert.equal(notes.length, 1, name);
    assert.match(notes[0]!, sentence, name);
    assert.deepEqual([raster.width, raster.height], [width, height], name);
  }
  // What is not asked for is said of a TIFF alone: a PNG may go back as it came.
  const png = pngFile({ ...SIZE, depth: 16, colourType: 2, sample });
  const { notes, left } = await decode(png, LIMITS);
  assert.deepEqual([notes, left], [
    [],
    ["The PNG has 16 bits a sample; 8 of them are read."],
  ]);
  assert.match((await decode(tiff(), LIMITS)).notes.join(), CUT);
});

Deno.test("16 bits are written as they were read, without alpha where all is opaque", async () => {
  for (const [colourType, channels] of [[0, 1], [4, 2], [2, 3], [6, 4]]) {
    const file = pngFile({
      ...SIZE,
      depth: 16,
      colourType: colourType!,
      sample,
    });
    const { deep, raster, grey } = await decode(file, LIMITS, 16);
    for (const format of ["png", "tiff"] as const) {
      const rows = deepRowsOf(deep!, raster, raster);
      const written = await encodeRows(rows, { format, grey });
      const { bitDepth, hasAlpha, grey: one } = infoOf(written);
      assert.deepEqual([bitDepth, hasAlpha, one], [
        16,
        channels! % 2 === 0,
        channels! < 3,
      ]);
      assert.deepEqual(await deepOf(written), expected(channels!));
    }
  }
});

Deno.test("16 bits cross over to the Worker and back, more rows than a band has", async () => {
  const [width, height] = [900, 700];
  const file = pngFile({ width, height, depth: 16, colourType: 6, sample });
  const { deep, raster } = await decodeInWorker(
    file,
    LIMITS,
    () => {},
    {},
    16,
  );
  const here = await decode(file, LIMITS, 16);
  assert.deepEqual(deep, here.deep);
  const rows = deepRowsOf(deep!, raster, raster);
  assert.deepEqual(
    await encode(rows, { format: "png" }),
    await encodeRows(rows, { format: "png" }),
  );
});

/** Decodes, or is refused with a sentence. */
async function outcome(file: Uint8Array): Promise<Decoded | LimpidError> {
  try {
    return await decode(file, { maxPixels: 1e6, maxBytes: 4e6 }, 16);
  } catch (error) {
    assert.ok(error instanceof LimpidError, String(error));
    return error;
  }
}

Deno.test("attack: spoiled and truncated files of 16 bits are decoded to their size, or refused with a sentence", async () => {
  const png = pngFile({ ...SIZE, depth: 16, colourType: 6, sample });
  const files = [png, tiff(), tiff(TIFFS["LZW, differences, strips"])];
  for (const [n, good] of files.entries()) {
    const below = randomNumbers(n + 1);
    const bad = Array.from({ length: 40 }, () => spoiledCopy(good, below));
    for (let i = 1; i < 20; i++) {
      bad.push(good.slice(0, Math.floor(good.length * i / 20)));
    }
    let decoded = 0;
    for (const file of bad) {
      const result = await outcome(file);
      if (result instanceof LimpidError) continue;
      const { deep, raster } = result;
      assert.equal(raster.data.length, 4 * raster.width * raster.height);
      if (deep === null) continue;
      decoded++;
      assert.equal(deep.data.length, raster.data.length);
    }
    assert.ok(decoded < bad.length, `${decoded} of ${bad.length}`);
  }
});

Deno.test("attack: strips and chunks that unfold to far more than their pixels take no memory for it", async () => {
  const zeros = deflateSync(new Uint8Array(300e6));
  const bombs: readonly (readonly [string, Uint8Array])[] = [
    ["Deflate", tiff({ compression: "Deflate", packed: () => zeros })],
    ["LZW", tiff({ compression: "LZW", packed: () => lzwBomb(300e6) })],
    [
      "PNG",
      pngFile({ ...SIZE, depth: 16, colourType: 2, idat: [zeros] }),
    ],
  ];
  for (const [name, file] of bombs) {
    // Much less than what it unfolds to.
    assert.ok(file.length < 4e6, `${name}: ${file.length} bytes`);
    const before = Deno.memoryUsage().rss;
    const result = await outcome(file);
    const grown = Deno.memoryUsage().rss - before;
    assert.ok(grown < 150e6, `${name}: ${grown} bytes`);
    if (result instanceof LimpidError) continue;
    assert.equal(result.raster.width, SIZE.width);
  }
});

Deno.test("attack: directories whose sizes and counts are wrong are read in 8 bits or refused", async () => {
  const cases: Readonly<Record<string, Readonly<Record<number, number>>>> = {
    "a width of 4 G": { 256: 2 ** 32 - 1 },
    "a width that is too large when bytes are counted": { 256: 2 ** 31 },
    "no rows in a strip": { 278: 0 },
    "a strip elsewhere": { 273: 2 ** 31 },
    "a strip longer than the file": { 279: 2 ** 31 },
    "more samples than there are": { 277: 4 },
    "65535 samples": { 277: 65535 },
    "tiles of no size": { 322: 0, 323: 0, 324: 8, 325: 100 },
    "tiles that are huge": { 322: 2 ** 28, 323: 16, 324: 8, 325: 100 },
  };
  for (const [name, entries] of Object.entries(cases)) {
    const result = await outcome(tiff({ entries }));
    if (result instanceof LimpidError) continue;
    assert.ok(
      result.deep === null ||
        result.deep.data.length === result.raster.data.length,
      name,
    );
  }
});

Deno.test("a decoder that cannot be loaded is told, and no reason to write 8 bits", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const here = (name: string): string => new URL(name, import.meta.url).href;
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { decodeDeep } from "${here("./decode_deep.ts")}";
      import { infoOf, pngFile } from "${here("./test_images.ts")}";
      const file = pngFile({ width: 2, height: 1, depth: 16, colourType: 0 });
      const flat = { width: 2, height: 1, data: new Uint8Array(8) };
      await decodeDeep(file, infoOf(file), flat).catch(({ code }) => console.log(code));`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-lock", "--cached-only", "-R", "main.ts"],
      cwd: folder,
      // Nothing was ever fetched to there.
      env: { DENO_DIR: folder, NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assert.equal(
      text.decode(stdout),
      "codec-failed\n",
      text.decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
