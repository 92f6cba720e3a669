import assert from "node:assert/strict";
import { LimpidError } from "../../errors.ts";
import { checkNumbers } from "./outputs.ts";

Deno.test("checkNumbers: finite ones pass, others do not, wherever they stand", () => {
  const finite = [0, -0, 1, -1, 1e-45, 3.4028234e38, -3.4028234e38];
  checkNumbers("m", Float32Array.from(finite));
  for (const wrong of [NaN, -NaN, Infinity, -Infinity]) {
    for (const at of [0, 3, finite.length - 1]) {
      const values = Float32Array.from(finite);
      values[at] = wrong;
      assert.throws(
        () => checkNumbers("m", values),
        (error) =>
          error instanceof LimpidError && error.code === "device-failed",
      );
    }
  }
});
