import assert from "node:assert/strict";
import { MAX_ICC_BYTES, profileSpace } from "./icc.ts";
import { iccProfile } from "./test_images.ts";

Deno.test("only a whole profile of sensible length is one", () => {
  assert.equal(profileSpace(iccProfile("RGB ")), "RGB");
  assert.equal(profileSpace(iccProfile("CMYK")), "CMYK");
  assert.equal(profileSpace(iccProfile("GRAY")), "GRAY");
  assert.equal(profileSpace(iccProfile("RGB ").subarray(0, 100)), null);
  assert.equal(profileSpace(iccProfile("RGB ", MAX_ICC_BYTES + 1)), null);
  assert.equal(profileSpace(new Uint8Array(200)), null);
});
