import assert from "node:assert/strict";
import { acceptedFormat } from "./negotiate.ts";
import { Problem } from "./problem.ts";

Deno.test("the format that is wanted more than any other", () => {
  const cases: [string | null, string | null][] = [
    [null, null],
    ["", null],
    ["*/*", null],
    ["image/*", null],
    ["image/png", "png"],
    ["IMAGE/PNG", "png"],
    ["image/webp, */*;q=0.1", "webp"],
    ["image/avif, image/webp, */*", null],
    ["image/png;q=0.1, image/jpeg;q=0.9", "jpeg"],
    ["image/png;q=0, image/*", null],
    ["text/html, image/jpeg;q=0.5", "jpeg"],
  ];
  for (const [accept, format] of cases) {
    assert.equal(acceptedFormat(accept), format, String(accept));
  }
  for (const accept of ["text/html", "image/gif", "*/*;q=0", "image/png;q=0"]) {
    assert.throws(() => acceptedFormat(accept), Problem, accept);
  }
});
