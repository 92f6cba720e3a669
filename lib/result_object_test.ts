import assert from "node:assert/strict";
import { MODELS, RESULT } from "../tests/sample_result.ts";
import { resultObject, roundedShare } from "./result_object.ts";

Deno.test("a restored image as an object has the documented keys, rounded", () => {
  assert.deepEqual(resultObject(RESULT), {
    task: "rain",
    tasks: ["rain"],
    restored: ["rain"],
    confidence: 0.9877,
    probabilities: {
      rain: 0.9877,
      raindrop: 0.01,
      haze: 0,
      blur: 0,
      clean: 0,
    },
    device: "cpu",
    size: "small",
    width: 600,
    height: 400,
    coverage: 0.43,
    severity: 0.3149,
    identicalPixels: 0.99999,
    levels: [0],
    tiles: { total: 6, restored: 5, side: 512, asked: 512 },
    times: {
      decode: 1.2,
      mask: 100,
      restore: 1700,
      encode: 20,
      total: 1821.2,
      canvas: { upload: 1, cut: 2, network: 3, blend: 4, readback: 5.5 },
    },
    models: MODELS,
    warnings: ["The JPEG lacks its end marker."],
  });
});

Deno.test("roundedShare: 0 and 1 mean no pixel and all of them", () => {
  const shares = [0, 1e-9, 0.1234567, 1 - 1e-9, 1];
  assert.deepEqual(
    shares.map(roundedShare),
    [0, 0.000001, 0.123457, 0.999999, 1],
  );
});
