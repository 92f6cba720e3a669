import assert from "node:assert/strict";
import { isRgbProfile, MAX_ICC_BYTES } from "./icc.ts";
import { iccProfile } from "./test_images.ts";

Deno.test("only a whole RGB profile of sensible length is one", () => {
  assert.equal(isRgbProfile(iccProfile("RGB ")), true);
  assert.equal(isRgbProfile(iccProfile("CMYK")), false);
  assert.equal(isRgbProfile(iccProfile("GRAY")), false);
  assert.equal(isRgbProfile(iccProfile("RGB ").subarray(0, 100)), false);
  assert.equal(isRgbProfile(iccProfile("RGB ", MAX_ICC_BYTES + 1)), false);
  assert.equal(isRgbProfile(new Uint8Array(200)), false);
});
