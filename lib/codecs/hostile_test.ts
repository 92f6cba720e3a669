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
import { infoOf } from "./test_images.ts";
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
