/**
 * Randomly damaged files, reproducible: each is decoded to the size in its
 * header, or refused with a LimpidError, in bounded time.
 */
import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import { ownFormat } from "../formats.ts";
import { concat } from "./bytes.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { infoOf, tiffFile } from "./test_images.ts";
import {
  FILES,
  metadata,
  randomNumbers,
  spoiledCopy,
} from "./test_spoiled_files.ts";

/** Damaged copies of each file. */
const COPIES = 60;
/** Small, so that a header that grows is refused rather than decoded. */
const LIMITS = { maxPixels: 1e6, maxBytes: 1e6 };
/** Milliseconds for one file; the slowest takes some 400 on a busy core. */
const TIME = 5000;

for (const [name, make] of Object.entries(FILES)) {
  Deno.test(`spoiled files: ${COPIES} of a ${name}`, async () => {
    const good = await make();
    const below = randomNumbers(name.length);
    let decoded = 0;
    for (let copy = 0; copy < COPIES; copy++) {
      const bad = spoiledCopy(good, below);
      const began = performance.now();
      try {
        const { raster, format } = await decode(bad, LIMITS);
        const { width, height, orientation } = infoOf(bad);
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
        // A sentence for people, without a path inside a codec.
        assert.doesNotMatch(error.message, /\/tmp\//);
      }
      const took = performance.now() - began;
      assert.ok(took < TIME, `copy ${copy} took ${took} ms`);
    }
    // The corpus is only useful if it has both outcomes.
    assert.ok(
      decoded > 0 && decoded < COPIES,
      `${decoded} of ${COPIES} were decoded`,
    );
  });
}

/** 24x16 pixels; its second sequence header says 16384x8192. */
const LARGE_FRAME = [
  "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA",
  "AA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAEOAAEAAAAAAAAAjwAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEA",
  "AGF2MDEAAAAAamlwcnAAAABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4EADAAAAAAUaXNwZQAAAAAAAAAYAAAAEAAA",
  "ABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgYIDhAAAAJdtZGF0EgAKBhgQ7+wIQAoJGD/Mscyx2BCAMngYAAooooUA",
  "5SiDGweoe96CTit6fLVjRoVhs5ke4pvsN5oSdPLFK4v9ljulFXa0gTnD/m2iHqMhc1Whij9RM+0lFziuIXu/WZ2Ggu6d+9I4kD+I",
  "jQGGBX0olzyJFJ3FEO8aAbUNKvHOA7kBlLiYOQAZvrztqBL4Jbw=",
];

/** 16x16 pixels, whose data is nothing but codes that clear a table of 2048. */
function clearCodes(bytes: number): Uint8Array {
  const block = Uint8Array.of(255, ...new Uint8Array(255).fill(0));
  // Codes of 12 bits, 0x800 each: two of them in three bytes.
  for (let i = 1; i < block.length; i += 3) block.set([0x00, 0x08, 0x80], i);
  return concat([
    new TextEncoder().encode("GIF89a"),
    Uint8Array.of(16, 0, 16, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255),
    Uint8Array.of(0x2c, 0, 0, 0, 0, 16, 0, 16, 0, 0, 11),
    ...Array<Uint8Array>(Math.ceil(bytes / 256)).fill(block),
    Uint8Array.of(0, 0x3b),
  ]);
}

/** A little-endian TIFF with another type in an entry. */
function withType(
  file: Uint8Array<ArrayBuffer>,
  tag: number,
  type: number,
): Uint8Array {
  const view = new DataView(file.buffer);
  const first = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(first, true); i++) {
    const at = first + 2 + 12 * i;
    if (view.getUint16(at, true) === tag) view.setUint16(at + 2, type, true);
  }
  return file;
}

Deno.test("attack: small files that decoders would spend gigabytes or minutes on are refused by what they say", async () => {
  const tile = { 322: 26_000, 323: 26_000, 324: 8, 325: 48, 259: 8 };
  const files: readonly (readonly [Uint8Array, RegExp])[] = [
    [
      Uint8Array.fromBase64(LARGE_FRAME.join("")),
      /stores far more pixels than its image has/,
    ],
    [
      tiffFile(4, 4, new Uint8Array(48), tile),
      /tiles are far larger than its image/,
    ],
    // SLONG, which only libtiff takes for a number.
    [withType(tiffFile(4, 4, new Uint8Array(48), tile), 322, 9), /tiles/],
    [clearCodes(900_000), /table of codes begins anew/],
  ];
  for (const [file, message] of files) {
    await assert.rejects(decode(file, LIMITS), { message });
  }
});

Deno.test("attack: every beginning of a file, and that with other bytes after it, is read or refused with a sentence", async () => {
  for (const [name, make] of Object.entries(FILES)) {
    const good = await make();
    for (let length = 0; length < Math.min(400, good.length); length++) {
      const cut = good.slice(0, length);
      for (
        const file of [
          cut,
          concat([cut, new Uint8Array(1 + length % 9).fill(85)]),
        ]
      ) {
        try {
          infoOf(file);
        } catch (error) {
          assert.ok(
            error instanceof LimpidError,
            `${name} of ${file.length} bytes: ${error}`,
          );
        }
      }
    }
  }
});
