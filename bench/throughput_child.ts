/** Restores an image again and again, codecs included, in a process of its own. */
import { createRestorer } from "../mod.ts";
import { answer, jobOf } from "./answer.ts";
import type { ThroughputAnswer, ThroughputJob } from "./protocol.ts";

const { device, models, precision, size, task, image, count } = jobOf<
  ThroughputJob
>();
await using restorer = await createRestorer({
  device,
  models,
  precision,
  size,
});
const file = await Deno.readFile(image);

/** Milliseconds for all images, so many under way at once. */
async function all(atOnce: number): Promise<number> {
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        await (await restorer.restore(file, { task })).encode();
      }
    }),
  );
  return performance.now() - began;
}

await all(1); // compiles, and records what is recorded
await answer(async (): Promise<ThroughputAnswer> => ({
  alone: await all(1),
  overlapped: await all(2),
}));
