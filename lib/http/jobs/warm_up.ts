/** Tests device and models before requests are accepted. */
import { LimpidError } from "../../errors.ts";
import type { LimpidRestorer } from "../../restorer.ts";
import { type Raster, TASKS } from "../../types.ts";

/** Side of the image in pixels: that of the smallest tile. */
const SIDE = 64;

/**
 * Runs every model on a small image, then restores every kind of damage in it.
 *
 * @throws {LimpidError} `device-failed` where a result is impossible, and what
 * `restore()` throws.
 */
export async function warmUp(restorer: LimpidRestorer): Promise<void> {
  const image = streaks();
  await restorer.tryModels(image);
  for (const task of TASKS) {
    // With threshold 0 every mask value above 0 counts as damage, so the
    // restorer runs.
    const { pixels } = await restorer.restore(image, { task, threshold: 0 });
    const alpha = pixels.data.every((v, i) => i % 4 !== 3 || v === 255);
    if (pixels.width !== SIDE || pixels.height !== SIDE || !alpha) {
      throw new LimpidError(
        "device-failed",
        `The self-test of ${task} returned an impossible image; use another device.`,
      );
    }
  }
}

/** An image with light diagonal streaks on a dark background. */
function streaks(): Raster {
  const data = new Uint8Array(4 * SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const light = (3 * x + y) % 16 < 3;
      data.set(
        light ? [230, 225, 220, 255] : [60, 70, 80, 255],
        4 * (y * SIDE + x),
      );
    }
  }
  return { width: SIDE, height: SIDE, data };
}
