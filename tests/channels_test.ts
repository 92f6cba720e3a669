/** A mask model that finds a fifth degradation, in an order of its own, on every device. */
import assert from "node:assert/strict";
import { createRestorer } from "../lib/restorer.ts";
import { DEVICES } from "../lib/types.ts";
import { writeFakeModels } from "./fake_models.ts";

const adapter = await navigator.gpu?.requestAdapter() ?? null;
const required = Deno.env.get("LIMPID_REQUIRE")?.includes("webgpu") ?? false;

const CHANNELS = ["dust", "blur", "haze", "raindrop", "rain"];

/** Red above, blue below, with grain: the made-up models take red for rain and blue for dust. */
function redAndBlue(width: number, height: number): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const green = 8 * (i % 2);
    const isAbove = i < data.length / 8;
    data.set(isAbove ? [255, green, 0, 255] : [0, green, 255, 255], 4 * i);
  }
  return { width, height, data };
}

for (const device of DEVICES) {
  Deno.test({
    name: `a mask model's planes are found by its manifest, ${device}`,
    ignore: device === "webgpu" && adapter === null && !required,
    async fn(): Promise<void> {
      const models = await Deno.makeTempDir();
      try {
        await writeFakeModels(models, { channels: CHANNELS });
        await using restorer = await createRestorer({ device, models });
        const image = redAndBlue(80, 64);
        const { mask, task, probabilities, pixels } = await restorer.restore(
          image,
          { minConfidence: 0 },
        );
        assert.equal(task, "rain");
        assert.ok(probabilities.rain > 0.9 && probabilities.blur < 0.01);
        assert.equal("dust" in probabilities, false);
        const half = mask.data.length / 2;
        assert.ok(mask.data.subarray(0, half).every((value) => value === 255));
        assert.ok(mask.data.subarray(half).every((value) => value === 0));
        assert.deepEqual(
          pixels.data.subarray(4 * half),
          new Uint8ClampedArray(image.data.subarray(4 * half)),
        );
        // One plane alone, in the middle of the others.
        const haze = await restorer.predictMask(image, { task: "haze" });
        assert.deepEqual(haze.mask.data, mask.data);
      } finally {
        await Deno.remove(models, { recursive: true });
      }
    },
  });
}

Deno.test("a damage that no mask model finds is said to be missing", async () => {
  const models = await Deno.makeTempDir();
  try {
    await writeFakeModels(models, { channels: ["dust", "rain"] });
    await using restorer = await createRestorer({ device: "wasm", models });
    const image = redAndBlue(32, 32);
    assert.equal((await restorer.predictMask(image)).task, "rain");
    await assert.rejects(restorer.predictMask(image, { task: "haze" }), {
      code: "model-missing",
      message:
        "The mask model fake-mask does not find haze; add one that does to the manifest.",
    });
  } finally {
    await Deno.remove(models, { recursive: true });
  }
});
