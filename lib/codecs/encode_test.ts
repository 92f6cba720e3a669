import type { Metadata } from "./header.ts";
import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import { OUTPUT_FORMATS, type OutputFormat, type Raster } from "../types.ts";
import { carriedMetadata } from "./metadata.ts";
import { latin1 } from "./bytes.ts";
import { decode } from "./decode.ts";
import { encode, encodeRows } from "./encode.ts";
import { readOrientation, resolutionExif, shortenedExif } from "./exif.ts";
import { jpegSegments } from "./jpeg/header.ts";
import { pngChunks } from "./png/chunks.ts";
import { readHeader } from "./read_header.ts";
import { bandHeight, type Rows, rowsOf } from "./rows.ts";
import { DECODERS } from "./table.ts";
import { Block, readDirectory, type Value, writeBlock } from "./tiff_block.ts";
import {
  exifBlock,
  gradient,
  iccProfile,
  infoOf,
  LIMITS,
  maxDifference,
} from "./test_images.ts";

/** What a file holds beside its pixels; AVIF's is known when it is decoded. */
async function metadataOf(file: Uint8Array): Promise<Metadata> {
  const { info, metadata } = readHeader(file);
  const decoded = await DECODERS[info.format].decode(file, info);
  return { ...metadata, ...decoded.metadata };
}

const opaque = gradient(33, 21);
const translucent = gradient(33, 21, (x, y) => 7 * x + y);

function refuses(work: Promise<unknown>, words: RegExp): Promise<void> {
  return assert.rejects(
    work,
    (error) =>
      error instanceof LimpidError && error.code === "invalid-option" &&
      words.test(error.message),
  );
}

Deno.test("PNG comes back exactly, without alpha where there is none", async () => {
  for (
    const image of [opaque, translucent, gradient(1, 1), gradient(300, 1)]
  ) {
    const png = await encode(image, { format: "png" });
    const { raster } = await decode(png, LIMITS);
    assert.deepEqual(raster, image);
    assert.equal(infoOf(png).hasAlpha, image === translucent);
  }
});

Deno.test("PNG: a single pixel that is not opaque keeps its alpha, wherever it is", async () => {
  for (const at of [0, 150, 299]) {
    const image = gradient(1, 300, (_, y) => y === at ? 254 : 255);
    const png = await encode(image, { format: "png" });
    assert.equal(infoOf(png).hasAlpha, true);
    assert.deepEqual((await decode(png, LIMITS)).raster, image);
  }
});

Deno.test("PNG and JPEG: pixels are read a band at a time", async () => {
  const image = gradient(3000, 500);
  const rows = rowsOf(image);
  for (const format of ["png", "jpeg"] as const) {
    let most = 0;
    const watched: Rows = {
      ...rows,
      read: (from, to) => {
        most = Math.max(most, to - from);
        return rows.read(from, to);
      },
    };
    assert.deepEqual(
      await encodeRows(watched, { format }),
      await encode(image, { format }),
    );
    assert.equal(most, bandHeight(3000));
  }
});

/** Every pixel neutral. */
function neutral(raster: Raster): Raster {
  const data = Uint8Array.from(
    raster.data,
    (value, i) => i % 4 === 3 ? value : raster.data[i - i % 4]!,
  );
  return { ...raster, data };
}

Deno.test("grey: an image of one channel is written with one, in PNG and JPEG, its profile with it", async () => {
  const metadata = { icc: iccProfile("GRAY"), exif: exifBlock(1) };
  for (
    const image of [neutral(opaque), neutral(translucent)]
      .concat([neutral(gradient(1, 1)), neutral(gradient(3, 700))])
  ) {
    for (const format of ["png", "jpeg"] as const) {
      const file = await encode(image, { format, metadata, grey: true });
      const { info, metadata: found } = readHeader(file);
      assert.equal(info.grey, true);
      assert.deepEqual(found, metadata);
      const { raster } = await decode(file, LIMITS);
      if (format === "png") {
        assert.deepEqual(raster, image);
        assert.equal(
          info.hasAlpha,
          image.data.some((v, i) => i % 4 === 3 && v < 255),
        );
      } else {
        const wanted = image.data.map((value, i) => {
          const alpha = image.data[i - i % 4 + 3]!;
          return i % 4 === 3 ? 255 : 255 - (255 - value) * alpha / 255;
        });
        assert.ok(maxDifference(raster.data, wanted) < 12);
      }
    }
  }
});

Deno.test("grey: where the format or the profile is of RGB, so is the file", async () => {
  const image = neutral(opaque);
  const icc = iccProfile("RGB ");
  for (const format of OUTPUT_FORMATS) {
    const file = await encode(image, {
      format,
      metadata: { icc },
      grey: true,
    });
    assert.equal(readHeader(file).info.grey, false);
    assert.deepEqual(await metadataOf(file), { icc });
  }
  const options = { metadata: { icc: iccProfile("GRAY") }, grey: true };
  const webp = await encode(image, { format: "webp", ...options });
  assert.deepEqual(readHeader(webp).metadata, {});
  const { warnings } = carriedMetadata(options.metadata, "webp", true);
  assert.match(warnings.join(), /grey colour profile.*WebP/);
});

Deno.test("grey JPEG: a better quality is closer", async () => {
  const image = neutral(gradient(100, 90));
  const [rough, fine] = await Promise.all([10, 98].map(async (quality) => {
    const options = { format: "jpeg", quality, grey: true } as const;
    const file = await encode(image, options);
    const { raster } = await decode(file, LIMITS);
    return {
      bytes: file.length,
      off: maxDifference(raster.data, image.data),
    };
  }));
  assert.ok(rough!.bytes < fine!.bytes && rough!.off > fine!.off);
  assert.ok(fine!.off <= 4, `${fine!.off}`);
});

Deno.test("PNG: the same pixels make the same bytes", async () => {
  assert.deepEqual(
    await encode(opaque, { format: "png" }),
    await encode(opaque, { format: "png" }),
  );
});

Deno.test("PNG: metadata stands before the pixels", async () => {
  const metadata = { icc: iccProfile("RGB "), exif: exifBlock(1) };
  const png = await encode(opaque, { format: "png", metadata });
  assert.deepEqual(
    [...pngChunks(png)].map(({ type }) => type),
    ["IHDR", "iCCP", "eXIf", "IDAT", "IEND"],
  );
});

Deno.test("JPEG: transparent pixels lie over white", async () => {
  for (const [alpha, wanted] of [[0, 255], [128, 175], [255, 95]] as const) {
    const flat = gradient(16, 16, () => alpha);
    flat.data.forEach((_, i) => i % 4 < 3 && (flat.data[i] = 95));
    const { raster } = await decode(
      await encode(flat, { format: "jpeg" }),
      LIMITS,
    );
    assert.ok(
      maxDifference(raster.data.subarray(0, 4), [
        wanted,
        wanted,
        wanted,
        255,
      ]) <= 1,
    );
  }
});

Deno.test("JPEG: colours keep their full resolution", async () => {
  // Red and blue columns by turns: halved colour resolution would mix them.
  const stripes = gradient(32, 16);
  for (let i = 0; i < 32 * 16; i++) {
    stripes.data.set(i % 2 ? [220, 30, 30] : [30, 30, 220], 4 * i);
  }
  const jpeg = await encode(stripes, { format: "jpeg", quality: 100 });
  const { raster } = await decode(jpeg, LIMITS);
  assert.ok(maxDifference(raster.data, stripes.data) < 12);
});

for (const format of ["jpeg", "webp", "avif"] as const) {
  Deno.test(`${format}: more quality, more bytes`, async () => {
    const sizes = [];
    for (const quality of [10, 50, 92, 100]) {
      sizes.push(
        (await encode(gradient(128, 128), { format, quality })).length,
      );
    }
    assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b));
    assert.equal(new Set(sizes).size, 4);
  });
}

for (const format of OUTPUT_FORMATS) {
  Deno.test(`${format}: profile and EXIF come back as they were`, async () => {
    for (const image of [opaque, translucent]) {
      // Odd lengths; a profile of more than one JPEG segment.
      const metadata = { icc: iccProfile("RGB ", 150001), exif: exifBlock(1) };
      const file = await encode(image, { format, metadata });
      // A TIFF's own directory takes over EXIF's entries, not its gaps.
      const exif = format === "tiff"
        ? shortenedExif(metadata.exif, 65535)
        : metadata.exif;
      assert.deepEqual(await metadataOf(file), { ...metadata, exif });
      const plain = await encode(image, { format });
      assert.deepEqual(
        (await decode(file, LIMITS)).raster,
        (await decode(plain, LIMITS)).raster,
      );
      assert.deepEqual(await metadataOf(plain), {});
    }
  });

  Deno.test(`${format}: profiles of other colour spaces are left out`, async () => {
    for (const space of ["CMYK", "GRAY"] as const) {
      const metadata = { icc: iccProfile(space) };
      const file = await encode(opaque, { format, metadata });
      assert.deepEqual(await metadataOf(file), {});
    }
  });

  Deno.test(`${format}: one pixel, one row, one column`, async () => {
    for (const [width, height] of [[1, 1], [40, 1], [1, 40]] as const) {
      const file = await encode(gradient(width, height), { format });
      const { raster } = await decode(file, LIMITS);
      assert.deepEqual([raster.width, raster.height], [width, height]);
    }
  });
}

Deno.test("TIFF: pixels are exact, and EXIF's directories become the file's own, in either byte order", async () => {
  const grey = gradient(70, 300);
  grey.data.forEach((_, i, all) => all[i] = i % 4 === 3 ? 255 : all[i & ~3]!);
  for (const littleEndian of [true, false]) {
    const text = (tag: number, value: string): Value => {
      const bytes = latin1(`${value}\0`);
      return { tag, type: 2, count: bytes.length, bytes };
    };
    const gps = { values: [text(1, "N")], below: new Map() };
    const exif = writeBlock(
      { values: [text(0x10f, "A maker")], below: new Map([[0x8825, gps]]) },
      littleEndian,
    );
    const metadata = {
      exif,
      xmp: new TextEncoder().encode("<x:xmpmeta/>"),
      resolution: { x: 240, y: 120, unit: "inch" },
    } as const;
    for (const image of [opaque, translucent, gradient(700, 900)]) {
      const file = await encode(image, { format: "tiff", metadata });
      assert.equal(file[0], littleEndian ? 0x49 : 0x4d);
      const { raster, metadata: found, warnings } = await decode(file, LIMITS);
      assert.equal(maxDifference(raster.data, image.data), 0);
      assert.deepEqual(warnings, []);
      const says = new TextDecoder("latin1").decode(found.exif);
      assert.ok(says.includes("A maker"));
      assert.deepEqual(found.xmp, metadata.xmp);
      const { info } = readHeader(file);
      assert.deepEqual([info.format, info.lossless], ["tiff", true]);
      assert.equal(info.hasAlpha, image === translucent);
    }
    const one = await encode(grey, { format: "tiff", grey: true, metadata });
    assert.equal(readHeader(one).info.grey, true);
    const { raster } = await decode(one, LIMITS);
    assert.equal(maxDifference(raster.data, grey.data), 0);
  }
  const { warnings } = carriedMetadata(
    { exif: latin1("no EXIF"), comments: [latin1("hello")] },
    "tiff",
    false,
  );
  assert.deepEqual(warnings, [
    "The comment is left out: TIFF has no place for it.",
    "The EXIF is left out: it is damaged, and TIFF cannot hold it in part.",
  ]);
});

Deno.test("WebP: lossless is exact, under transparent pixels too, with metadata", async () => {
  const metadata = { exif: exifBlock(1), icc: iccProfile("RGB ") };
  for (const image of [opaque, translucent, gradient(300, 7, (x) => x % 2)]) {
    for (const carried of [{}, { metadata }]) {
      const options = {
        format: "webp",
        quality: "lossless",
        ...carried,
      } as const;
      const file = await encode(image, options);
      assert.deepEqual((await decode(file, LIMITS)).raster, image);
      const { info, metadata: found } = readHeader(file);
      assert.deepEqual(
        [info.lossless, info.hasAlpha],
        [true, image !== opaque],
      );
      assert.deepEqual(found, carried.metadata ?? {});
    }
  }
});

Deno.test("AVIF: colours in full resolution and alpha come back closely, more so with more quality", async () => {
  const stripes = gradient(64, 48, (x, y) => 60 + 2 * x + y);
  for (let i = 0; i < 64 * 48; i++) {
    stripes.data.set(i % 2 ? [220, 30, 30] : [30, 30, 220], 4 * i);
  }
  const off = [];
  for (const quality of [30, 92, 100]) {
    const file = await encode(stripes, { format: "avif", quality });
    const { info } = readHeader(file);
    assert.deepEqual([info.format, info.width, info.height], ["avif", 64, 48]);
    const { raster, warnings } = await decode(file, LIMITS);
    assert.deepEqual(warnings, []);
    off.push(maxDifference(raster.data, stripes.data));
  }
  assert.ok(off[0]! > off[1]! && off[1]! >= off[2]!, `${off}`);
  assert.ok(off[1]! <= 16 && off[2]! <= 8, `${off}`);
});

Deno.test("AVIF: EXIF and XMP are written as they are, a resolution of parts too", async () => {
  const exif = resolutionExif(300, 72);
  // 145/2 and 72 an inch: a program that writes it anew would round it.
  new DataView(exif.buffer, exif.byteOffset).setUint32(50, 145, true);
  new DataView(exif.buffer, exif.byteOffset).setUint32(54, 2, true);
  const xmp = new TextEncoder().encode("<x:xmpmeta/>");
  const metadata = { exif, xmp };
  const file = await encode(opaque, { format: "avif", metadata });
  assert.deepEqual(await metadataOf(file), metadata);
  // ISO/IEC 23008-12, A.2.1: where TIFF's header begins, then what is before it.
  const text = new TextDecoder("latin1").decode(file);
  assert.ok(text.includes("\0\0\0\x06Exif\0\0II*\0"));
  const { warnings } = carriedMetadata(
    { ...metadata, comments: [xmp], photoshop: xmp },
    "avif",
    false,
  );
  assert.deepEqual(warnings, [
    "The IPTC is left out: AVIF has no place for it.",
    "The comment is left out: AVIF has no place for it.",
  ]);
});

Deno.test("attack: EXIF and XMP that are damaged, empty or too long neither spoil an AVIF nor go in silence", async () => {
  const blocks = [0, 1, 23, 70000].map((length) =>
    new Uint8Array(length).map((_, i) => 7 * i)
  );
  const long = new Uint8Array(70000);
  long.set(exifBlock(1));
  const prefixed = new TextEncoder().encode("Exif\0\0II*\0\b\0\0\0\0\0\0\0");
  for (
    const block of [...blocks, long, prefixed, exifBlock(1).subarray(0, 8)]
  ) {
    for (const name of ["exif", "xmp"] as const) {
      const metadata = { [name]: block };
      const file = await encode(opaque, { format: "avif", metadata });
      const kept = (await metadataOf(file))[name];
      const { warnings } = carriedMetadata(metadata, "avif", false);
      assert.equal(
        warnings.length,
        kept?.length === block.length ? 0 : 1,
        `${name} of ${block.length}`,
      );
      if (warnings.length === 0) assert.deepEqual(kept, block);
    }
  }
});

Deno.test("JPEG: noise at the highest quality, of more bytes than its pixels, is whole", async () => {
  let seed = 1;
  const noise = gradient(64, 64);
  noise.data.forEach((_, i) => {
    seed = seed * 48271 % 0x7fffffff;
    noise.data[i] = i % 4 < 3 ? (seed >> 8) % 2 * 255 : 255;
  });
  const jpeg = await encode(noise, { format: "jpeg", quality: 100 });
  assert.ok(jpeg.length > 3 * 64 * 64, `${jpeg.length} bytes`);
  const { raster } = await decode(jpeg, LIMITS);
  assert.ok(maxDifference(raster.data, noise.data) <= 8);
});

Deno.test("JPEG: of EXIF too long for its segment the short entries are kept", async () => {
  const exif = new Uint8Array(65530);
  exif.set(exifBlock(1));
  const jpeg = await encode(opaque, { format: "jpeg", metadata: { exif } });
  const kept = readHeader(jpeg).metadata.exif!;
  assert.ok(kept.length < 60);
  assert.equal(readOrientation(kept), 1);
});

Deno.test("JPEG: EXIF and profile follow the JFIF segment", async () => {
  const metadata = { icc: iccProfile("RGB "), exif: exifBlock(1) };
  const jpeg = await encode(opaque, { format: "jpeg", metadata });
  assert.deepEqual(
    [...jpegSegments(jpeg)].slice(0, 3).map(({ code }) => code),
    [0xe0, 0xe1, 0xe2],
  );
});

Deno.test("WebP: sides of more than 256 survive the extended header", async () => {
  const metadata = { exif: exifBlock(1) };
  for (const [width, height] of [[1000, 3], [3, 1000]] as const) {
    const file = await encode(gradient(width, height), {
      format: "webp",
      metadata,
    });
    const info = infoOf(file);
    assert.deepEqual([info.width, info.height], [width, height]);
  }
});

Deno.test("a mask becomes a grey PNG, exactly", async () => {
  const mask = {
    width: 51,
    height: 10,
    data: Uint8Array.from({ length: 510 }, (_, i) => i),
  };
  const png = await encodeRows(rowsOf(mask, 1), { format: "png" });
  // Colour type 0, grey, at byte 25.
  assert.equal(png[25], 0);
  const { raster } = await decode(png, LIMITS);
  assert.deepEqual(
    raster.data,
    Uint8Array.from([...mask.data].flatMap((m) => [m, m, m, 255])),
  );
});

Deno.test("wrong options are refused", async () => {
  for (const quality of [0, 101, NaN, -1]) {
    await refuses(encode(opaque, { format: "jpeg", quality }), /from 1 to 100/);
  }
  const lossless = { format: "jpeg", quality: "lossless" } as const;
  await refuses(encode(opaque, lossless), /JPEG has no lossless/);
  await refuses(encode(opaque, { format: "gif" as OutputFormat }), /"gif"/);
  await refuses(encode({ ...opaque, width: 34 }, { format: "png" }), /34x21/);
  await refuses(
    encode({ width: 0, height: 0, data: new Uint8Array() }, { format: "png" }),
    /0x0/,
  );
});

Deno.test("sides that a format cannot hold are refused", async () => {
  const data = new Uint8Array(4 * 65501);
  await refuses(
    encode({ width: 65501, height: 1, data }, { format: "jpeg" }),
    /65500/,
  );
  await refuses(
    encode({ width: 1, height: 65501, data }, { format: "webp" }),
    /16383/,
  );
  const wide = { width: 16385, height: 1, data: data.subarray(0, 65540) };
  await refuses(encode(wide, { format: "avif" }), /AVIF.*16384 pixels a side/);
  const large = {
    width: 6000,
    height: 6000,
    channels: 4,
    depth: 8,
    read: () => assert.fail("it was read"),
  } as const;
  await refuses(
    encodeRows(large, { format: "avif" }),
    /AVIF holds at most 35651584 pixels, the image is 6000x6000; write PNG, JPEG, WebP or TIFF/,
  );
});

Deno.test("TIFF and AVIF: EXIF's empty directories are left out, which readers refuse", async () => {
  // One entry, the place of GPS data: a directory of no entries.
  const exif = new Uint8Array(32);
  exif.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0]);
  exif.set([0x25, 0x88, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0], 10);
  const image = gradient(16, 16, (x, y) => x + y);
  for (const format of ["tiff", "avif"] as const) {
    const file = await encode(image, { format, metadata: { exif } });
    const { raster } = await decode(file, LIMITS);
    assert.equal(raster.width, 16);
  }
});

Deno.test("TIFF: EXIF's texts end as TIFF wants them, so that no reader finds fault with them", async () => {
  const make = { tag: 0x10f, type: 2, count: 3, bytes: latin1("abc") };
  const exif = writeBlock({ values: [make], below: new Map() }, true);
  const image = gradient(16, 16, (x, y) => x + y);
  const file = await encode(image, { format: "tiff", metadata: { exif } });
  const { metadata } = readHeader(file);
  const found = readDirectory(Block.of(metadata.exif)!).values
    .find(({ tag }) => tag === make.tag)!;
  assert.deepEqual([...found.bytes], [...latin1("abc\0")]);
});
