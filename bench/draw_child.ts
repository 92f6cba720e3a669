/**
 * Draws an image into a file, in a process of its own: what the benchmark
 * itself holds would count among the memory of the processes that it starts.
 */
import { answer, jobOf } from "./answer.ts";
import { imageFile } from "./test_image.ts";
import type { DrawJob } from "./protocol.ts";

const { file, width, height, task } = jobOf<DrawJob>();
await answer(async () => {
  await Deno.writeFile(file, await imageFile(width, height, task));
  return { file };
});
