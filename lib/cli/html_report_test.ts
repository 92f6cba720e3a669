import assert from "node:assert/strict";
import { decode } from "../codecs/decode.ts";
import { encode } from "../codecs/encode.ts";
import { LIMITS } from "../codecs/test_images.ts";
import type { RestoreResult } from "../types.ts";
import { sectionOf } from "./html_report.ts";

Deno.test("what is transparent is white on the page, whatever colour it hides", async () => {
  for (const width of [64, 1100]) {
    const size = { width, height: 64 };
    const data = new Uint8ClampedArray(4 * width * 64);
    const words = new Uint32Array(data.buffer);
    words.forEach((_, i) => {
      words[i] = i % width < width / 2 ? 0xff4080c0 : 0x004080c0;
    });
    const raster = { ...size, data };
    const result = {
      ...size,
      pixels: raster,
      mask: { ...size, data: new Uint8Array(width * 64) },
      tasks: [],
      restored: [],
      confidence: 1,
      coverage: 0,
      severity: 0,
      models: [],
      times: { total: 0 },
      device: "cpu",
    } as unknown as RestoreResult;
    const file = await encode(raster, { format: "png" });
    const section = await sectionOf("a.png", "b.png", file, result);
    const images = [...section.matchAll(/base64,([^"]+)"/g)].slice(0, 2);
    assert.equal(images.length, 2);
    for (const [, base64] of images) {
      const shown = await decode(Uint8Array.fromBase64(base64!), LIMITS);
      const { width: across, data } = shown.raster;
      const at = (x: number): number[] => {
        const from = 4 * (32 * across + x);
        return [...data.subarray(from, from + 3)];
      };
      const near = (a: number[], b: number[]): boolean =>
        a.every((value, i) => Math.abs(value - b[i]!) < 8);
      assert.ok(near(at(across - 9), [255, 255, 255]), `${at(across - 9)}`);
      assert.ok(near(at(9), [0xc0, 0x80, 0x40]), `${at(9)}`);
    }
  }
});
