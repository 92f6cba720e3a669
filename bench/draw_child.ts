/**
 * Draws an image to a file, in its own process: memory of the benchmark itself
 * would count as memory of the processes that it starts.
 */
import { answer, jobOf } from "./answer.ts";
import { imageFile } from "./test_image.ts";
import type { DrawJob } from "./protocol.ts";

const { file, width, height, task } = jobOf<DrawJob>();
await answer(async () => {
  await Deno.writeFile(file, await imageFile(width, height, task));
  return { file };
});
