import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import type { Mask, Raster } from "../types.ts";
import { overlay } from "./heat_map.ts";
import { rowsOf } from "./rows.ts";
import { gradient } from "./test_images.ts";

Deno.test("a clean mask leaves the image grey and half as light, alpha as it was", async () => {
  const image = gradient(20, 10, (x) => x * 10);
  const shown = await overlaid(image, flat(20, 10, 0));
  for (let at = 0; at < shown.length; at += 4) {
    const [r, g, b] = image.data.subarray(at, at + 3);
    const grey = Math.round((0.2126 * r! + 0.7152 * g! + 0.0722 * b!) / 2);
    assert.deepEqual(
      [...shown.subarray(at, at + 4)],
      [grey, grey, grey, image.data[at + 3]],
    );
  }
});

Deno.test("more damage is never darker, on black and on mid grey", async () => {
  for (const level of [0, 128]) {
    const base = {
      width: 256,
      height: 1,
      data: new Uint8Array(1024).fill(level),
    };
    const curve = {
      width: 256,
      height: 1,
      data: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    const shown = await overlaid(base, curve);
    const lights = Array.from({ length: 256 }, (_, i) => {
      const [r, g, b] = shown.subarray(4 * i, 4 * i + 3);
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    });
    // On grey, the first colours of the flame are darker than what they cover.
    const from = level === 0 ? 0 : 96;
    for (let i = from + 1; i < 256; i++) {
      assert.ok(lights[i]! >= lights[i - 1]! - 0.75, `${level}: ${i}`);
    }
    assert.ok(lights[255]! > 200);
  }
});

Deno.test("row by row it is the same, in any order", async () => {
  const image = gradient(20, 30);
  const mask = {
    width: 20,
    height: 30,
    data: Uint8Array.from({ length: 600 }, (_, i) => i % 256),
  };
  const whole = await overlaid(image, mask);
  const rows = overlay(image, rowsOf(mask, 1));
  for (const [from, to] of [[0, 5], [3, 30], [29, 30], [0, 30]] as const) {
    assert.deepEqual(
      await rows.read(from, to),
      whole.slice(80 * from, 80 * to),
    );
  }
});

Deno.test("a mask of another size is refused", () => {
  const mask = flat(4, 3, 0);
  assert.throws(
    () => overlay(gradient(4, 4), rowsOf(mask, 1)),
    (error) => error instanceof LimpidError && error.code === "invalid-option",
  );
});

/** All rows at once, to keep. */
async function overlaid(image: Raster, mask: Mask): Promise<Uint8Array> {
  const rows = overlay(image, rowsOf(mask, 1));
  return new Uint8Array(await rows.read(0, image.height));
}

function flat(
  width: number,
  height: number,
  value: number,
): { width: number; height: number; data: Uint8Array } {
  return { width, height, data: new Uint8Array(width * height).fill(value) };
}
