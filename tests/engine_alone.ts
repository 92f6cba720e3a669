/**
 * Restores an image again and again, two at a time as the service does, and
 * prints how many a second: `engine_alone.ts MODELS IMAGE SECONDS`. A process
 * of its own, so that it can have the service's allocator.
 */
import { createRestorer } from "../lib/restorer.ts";

const [models, file, seconds] = Deno.args as [string, string, string];
const image = await Deno.readFile(file);
await using restorer = await createRestorer({ device: "cpu", models });
let done = 0;
const began = performance.now();
await Promise.all([0, 1].map(async () => {
  while (performance.now() - began < Number(seconds) * 1000) {
    const result = await restorer.restore(image, { task: "rain" });
    await result.encode();
    done++;
  }
}));
console.log(done / (performance.now() - began) * 1000);
