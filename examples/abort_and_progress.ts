/** Shows progress and gives up after a time: deno run -A examples/abort_and_progress.ts photo.jpg restored.jpg 60 */
import { restore } from "../mod.ts";

const [input, output, seconds = "60"] = Deno.args;
const result = await restore(input!, {
  task: "rain",
  signal: AbortSignal.timeout(1000 * Number(seconds)),
  onProgress: ({ stage, done, total }) =>
    console.log(`${stage}: ${done} of ${total}`),
});
await result.save(output!);
