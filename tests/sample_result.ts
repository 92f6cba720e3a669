/** A result as `restore()` gives it, for what is told of it. */
import type { RestoreResult } from "../lib/types.ts";

export const MODELS = [["mask-small-1", "ab"], ["rain-small-1", "cd"]].map((
  [id, sha256],
) => ({
  id: id!,
  sha256: sha256!,
  precision: "fp16" as const,
  precisionReason: "It is fast.",
}));

/** Of rain. */
export const RESULT: RestoreResult = {
  width: 600,
  height: 400,
  format: "jpeg",
  pixels: { width: 600, height: 400, data: new Uint8ClampedArray() },
  mask: { width: 600, height: 400, data: new Uint8Array() },
  task: "rain",
  tasks: ["rain"],
  restored: ["rain"],
  levels: [0],
  size: "small",
  confidence: 0.987654,
  probabilities: { rain: 0.987654, raindrop: 0.01, haze: 0, blur: 0, clean: 0 },
  coverage: 0.4299999,
  severity: 0.3149,
  identicalPixels: 0.99999,
  tiles: { total: 6, restored: 5, side: 512, asked: 512 },
  device: "cpu",
  deviceReason: "Running on cpu, as asked for.",
  times: {
    decode: 1.23456,
    mask: 100,
    restore: 1700.01,
    encode: 20,
    total: 1821.2,
    canvas: { upload: 1, cut: 2, network: 3, blend: 4, readback: 5.5 },
  },
  models: MODELS,
  warnings: ["The JPEG lacks its end marker."],
  encode: () => Promise.resolve(new Uint8Array()),
  save: () => Promise.resolve(),
  encodeMask: () => Promise.resolve(new Uint8Array()),
};
