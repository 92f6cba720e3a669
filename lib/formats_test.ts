import assert from "node:assert/strict";
import {
  formatNames,
  formatOf,
  formatOfExtension,
  FORMATS,
  INPUT_FORMATS,
  OUTPUT_FORMATS,
  ownFormat,
  unreadFormatOf,
} from "./formats.ts";

Deno.test("a format is known by its first bytes and by its file names", () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 0);
  assert.equal(formatOf(png), "png");
  assert.equal(formatOf(new Uint8Array(12)), null);
  assert.equal(unreadFormatOf(new TextEncoder().encode("8BPS")), "Photoshop");
  assert.equal(unreadFormatOf(png), null);
  assert.equal(formatOfExtension(".JPE"), "jpeg");
  assert.equal(formatOfExtension(".jxl"), "unread");
  assert.equal(formatOfExtension(".txt"), null);
});

Deno.test("no two formats share an extension or a media type", () => {
  const rows = INPUT_FORMATS.map((format) => FORMATS[format]);
  const extensions = rows.flatMap((row) => row.extensions);
  assert.equal(new Set(extensions).size, extensions.length);
  assert.equal(new Set(rows.map((row) => row.mediaType)).size, rows.length);
});

Deno.test("what cannot be written is written as PNG", () => {
  assert.deepEqual(OUTPUT_FORMATS, ["png", "jpeg", "webp", "avif", "tiff"]);
  assert.equal(ownFormat("gif"), "png");
  assert.equal(ownFormat("tiff"), "png");
  assert.equal(ownFormat(null), "png");
  assert.equal(ownFormat("webp"), "webp");
  assert.equal(
    formatNames(OUTPUT_FORMATS, "or"),
    "PNG, JPEG, WebP, AVIF or TIFF",
  );
});
