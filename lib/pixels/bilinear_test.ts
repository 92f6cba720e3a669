import assert from "node:assert/strict";
import { BilinearRows, enlargeMask } from "./bilinear.ts";

Deno.test("BilinearRows: a ramp stays one between the middles of its outermost samples", () => {
  // Two planes of 5 by 3 samples, one for 4 by 4 pixels of 20 by 12, seen in an image of 50 by 36.
  const across = Float32Array.from({ length: 15 }, (_, i) => i % 5);
  const down = Float32Array.from({ length: 15 }, (_, i) => Math.floor(i / 5));
  const rows = new BilinearRows(
    { width: 5, height: 3, data: Float32Array.of(...across, ...down) },
    { width: 50, height: 36 },
    { width: 20 / (4 * 50), height: 12 / (4 * 36) },
  );
  const row = new Float32Array(100);
  for (let y = 0; y < 36; y++) {
    rows.read(y, row);
    for (let x = 0; x < 50; x++) {
      const wanted = Math.min(4, Math.max(0, (x + 0.5) / 10 - 0.5));
      assert.ok(Math.abs(row[x]! - wanted) < 1e-5, `${x}, ${y}: ${row[x]}`);
      const low = Math.min(2, Math.max(0, (y + 0.5) / 12 - 0.5));
      assert.ok(Math.abs(row[50 + x]! - low) < 1e-5, `${x}, ${y}`);
    }
  }
});

Deno.test("BilinearRows: what the samples have beyond the image is not reached", () => {
  // The network was padded: 2 samples cover 8 pixels, of which the image has 4.
  const rows = new BilinearRows(
    { width: 2, height: 1, data: Float32Array.of(1, 9) },
    { width: 4, height: 1 },
    { width: 1 / 4, height: 1 / 4 },
  );
  const row = new Float32Array(4);
  rows.read(0, row);
  // The image ends half a sample on: values reach at most halfway to the next.
  assert.deepEqual([...row].map((v) => Math.round(8 * (v - 1))), [0, 0, 8, 24]);
});

Deno.test("enlargeMask: a mask of one value keeps it; its own size is itself", () => {
  const mask = { width: 3, height: 2, data: new Uint8Array(6).fill(77) };
  const large = enlargeMask(mask, { width: 100, height: 41 });
  assert.deepEqual([large.width, large.height], [100, 41]);
  assert.ok(large.data.length === 4100 && large.data.every((v) => v === 77));
  assert.equal(enlargeMask(mask, { width: 3, height: 2 }), mask);
});

Deno.test("enlargeMask: values between are rounded, along either axis alone", () => {
  const data = Uint8Array.of(0, 255);
  const across = enlargeMask({ width: 2, height: 1, data }, {
    width: 4,
    height: 1,
  });
  const down = enlargeMask({ width: 1, height: 2, data }, {
    width: 1,
    height: 4,
  });
  assert.deepEqual([across.width, across.height], [4, 1]);
  assert.deepEqual([down.width, down.height], [1, 4]);
  for (const { data: found } of [across, down]) {
    assert.deepEqual([...found], [0, 64, 191, 255]);
  }
});
