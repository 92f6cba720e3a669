import assert from "node:assert/strict";
import { decode } from "../lib/codecs/decode.ts";
import { TASKS } from "../lib/types.ts";
import { imageFile, sizeOf } from "./test_image.ts";

Deno.test("made-up images: the size asked for, the same every time, another for each task", async () => {
  assert.deepEqual(sizeOf(2), { width: 1732, height: 1155 });
  const files = new Set<string>();
  for (const task of TASKS) {
    const file = await imageFile(160, 96, task);
    assert.deepEqual(await imageFile(160, 96, task), file);
    const { raster } = await decode(file, { maxPixels: 1e6, maxBytes: 1e6 });
    assert.deepEqual([raster.width, raster.height], [160, 96]);
    // The image is not flat: it has dark and bright places.
    const red = raster.data.filter((_, i) => i % 4 === 0);
    assert.ok(Math.max(...red) - Math.min(...red) > 60, task);
    files.add(file.toBase64());
  }
  assert.equal(files.size, TASKS.length);
});
