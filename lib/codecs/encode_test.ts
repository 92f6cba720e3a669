import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import { OUTPUT_FORMATS, type OutputFormat, type Raster } from "../types.ts";
import { carriedMetadata } from "./metadata.ts";
import { decode } from "./decode.ts";
import { encode, encodeRows } from "./encode.ts";
import { readOrientation } from "./exif.ts";
import { jpegSegments } from "./jpeg/header.ts";
import { pngChunks } from "./png/chunks.ts";
import { readHeader } from "./read_header.ts";
import { bandHeight, type Rows, rowsOf } from "./rows.ts";
import {
  exifBlock,
  gradient,
  iccProfile,
  infoOf,
  LIMITS,
  maxDifference,
} from "./test_images.ts";

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
    const { info, metadata } = readHeader(file);
    assert.equal(info.grey, false);
    assert.deepEqual(metadata, { icc });
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

for (const format of ["jpeg", "webp"] as const) {
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
      assert.deepEqual(readHeader(file).metadata, metadata);
      const plain = await encode(image, { format });
      assert.deepEqual(
        (await decode(file, LIMITS)).raster,
        (await decode(plain, LIMITS)).raster,
      );
      assert.deepEqual(readHeader(plain).metadata, {});
    }
  });

  Deno.test(`${format}: profiles of other colour spaces are left out`, async () => {
    for (const space of ["CMYK", "GRAY"] as const) {
      const metadata = { icc: iccProfile(space) };
      const file = await encode(opaque, { format, metadata });
      assert.deepEqual(readHeader(file).metadata, {});
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
});
