import assert from "node:assert/strict";
import type { OutputFormat } from "../../types.ts";
import { acceptedFormats, preferredFormats } from "./negotiate.ts";
import { Problem } from "../problem.ts";

/** What a browser sends for an image. */
const BROWSER = "image/avif,image/webp,image/apng,*/*;q=0.8";

Deno.test("the image's own format, unless another is wanted more", () => {
  const cases: [string | null, OutputFormat, OutputFormat][] = [
    [null, "jpeg", "jpeg"],
    ["", "webp", "webp"],
    ["*/*", "jpeg", "jpeg"],
    ["image/*", "png", "png"],
    ["image/png", "jpeg", "png"],
    ["IMAGE/PNG", "jpeg", "png"],
    ["image/webp, */*;q=0.1", "jpeg", "webp"],
    [BROWSER, "jpeg", "webp"],
    ["image/avif, image/webp, */*", "png", "png"],
    ["image/png;q=0.1, image/jpeg;q=0.9", "png", "jpeg"],
    ["text/html, image/jpeg;q=0.5", "png", "jpeg"],
    // Equal weights, and the image's own format is among them.
    ["image/jpeg, image/png", "jpeg", "jpeg"],
    ["image/jpeg, image/png", "png", "png"],
    ["image/png;q=0.5, image/jpeg;q=0.5", "jpeg", "jpeg"],
    // Equal weights, and it is not.
    ["image/jpeg, image/png", "webp", "png"],
    ["image/png;q=0, image/*", "png", "webp"],
    // AVIF where it is named and wanted most, or the image's own.
    ["image/avif", "jpeg", "avif"],
    ["image/avif, image/webp;q=0.9", "png", "avif"],
    ["image/avif, */*;q=0.8", "jpeg", "avif"],
    ["image/*", "avif", "avif"],
    [BROWSER, "avif", "avif"],
    [
      "image/jpeg;q=0.5, image/png;q=0.5, image/webp;q=0.5, */*",
      "jpeg",
      "jpeg",
    ],
    ["image/png;q=0.5, */*", "avif", "avif"],
  ];
  for (const [accept, own, format] of cases) {
    const [first] = preferredFormats(acceptedFormats(accept), own);
    assert.equal(first, format, `${accept} of ${own}`);
  }
});

Deno.test("where that cannot hold the image PNG is next, if it is taken at all", () => {
  const cases: [string, OutputFormat[]][] = [
    [BROWSER, ["webp", "png", "avif", "jpeg"]],
    ["image/webp, image/jpeg;q=0.9, image/png;q=0.1", ["webp", "png", "jpeg"]],
    ["image/webp, image/jpeg;q=0.5", ["webp", "jpeg"]],
    ["image/webp", ["webp"]],
    ["*/*", ["jpeg", "png", "webp"]],
    ["image/avif, */*;q=0.1", ["avif", "png", "jpeg", "webp"]],
  ];
  for (const [accept, formats] of cases) {
    assert.deepEqual(
      preferredFormats(acceptedFormats(accept), "jpeg"),
      formats,
      accept,
    );
  }
});

Deno.test("lossless, formats that never are come into question only alone", () => {
  const cases: [string, OutputFormat, OutputFormat][] = [
    ["*/*", "jpeg", "png"],
    ["image/jpeg, image/webp;q=0.5", "jpeg", "webp"],
    ["image/jpeg", "png", "jpeg"],
  ];
  for (const [accept, own, format] of cases) {
    const all = acceptedFormats(accept);
    assert.equal(preferredFormats(all, own, 8, "lossless")[0], format, accept);
  }
});

Deno.test("what accepts none is refused", () => {
  for (const accept of ["text/html", "image/gif", "*/*;q=0", "image/png;q=0"]) {
    assert.throws(() => acceptedFormats(accept), Problem, accept);
  }
});
