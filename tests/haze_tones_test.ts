/** What taking haze away does to the tones of a scene: the shipped models, on scenes that are known. */
import assert from "node:assert/strict";
import { createRestorer, type Raster } from "../mod.ts";
import { decode } from "../lib/codecs/decode.ts";

/**
 * Most that the mean luminance of a result may differ from the scene's, 0..1,
 * which holds what there is: it is up to 0.17 darker.
 */
const LUMINANCE = 0.2;

/** Most that the mean of blue less red may differ; it does by up to 0.18. */
const CAST = 0.2;

/** Light that haze adds, encoded. */
const AIRLIGHTS = {
  grey: [0.75, 0.75, 0.75],
  bluish: [0.62, 0.68, 0.76],
  yellowish: [0.78, 0.74, 0.64],
} as const;

/** The power of encoded values that adds up as light does, about. */
const LINEAR = 2.2;

const SCENES = ["blur.jpg", "raindrop.jpg"];

async function scene(name: string): Promise<Raster> {
  const url = new URL(`../examples/${name}`, import.meta.url);
  const limits = { maxPixels: 1e6, maxBytes: 1e6 };
  return (await decode(await Deno.readFile(url), limits)).raster;
}

/** The scene behind haze that is thicker towards the top, as a ground is. */
function hazy(scene: Raster, airlight: readonly number[]): Raster {
  const data = new Uint8Array(scene.data);
  for (let i = 0; i < data.length; i++) {
    const channel = i % 4;
    if (channel === 3) continue;
    const y = Math.floor(i / 4 / scene.width);
    const through = Math.exp(-0.3 - 0.9 * (1 - y / scene.height));
    const light = (data[i]! / 255) ** LINEAR * through +
      airlight[channel]! ** LINEAR * (1 - through);
    data[i] = Math.round(255 * light ** (1 / LINEAR));
  }
  return { ...scene, data };
}

/** Means over all pixels, 0..1: luminance (Rec. 709), and blue less red. */
function tones({ data }: Raster): { luminance: number; cast: number } {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    red += data[i]!;
    green += data[i + 1]!;
    blue += data[i + 2]!;
  }
  const all = 255 * data.length / 4;
  return {
    luminance: (0.2126 * red + 0.7152 * green + 0.0722 * blue) / all,
    cast: (blue - red) / all,
  };
}

Deno.test("a scene comes out of haze not much darker than it is, and without much of the haze's colour", async (t) => {
  await using restorer = await createRestorer({ device: "cpu" });
  for (const name of SCENES) {
    const known = await scene(name);
    const truth = tones(known);
    for (const [colour, airlight] of Object.entries(AIRLIGHTS)) {
      await t.step(`${name} in ${colour} haze`, async () => {
        const image = hazy(known, airlight);
        const before = tones(image);
        const { pixels } = await restorer.restore(image, { task: "haze" });
        const after = tones(pixels);
        const told = JSON.stringify({ before, after, truth });
        assert.ok(
          Math.abs(after.luminance - truth.luminance) < LUMINANCE,
          told,
        );
        assert.ok(Math.abs(after.cast - truth.cast) < CAST, told);
      });
    }
  }
});
