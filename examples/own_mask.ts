/** Restores the left half alone, by a mask of one's own: deno run -A examples/own_mask.ts photo.jpg restored.png */
import { createRestorer } from "../mod.ts";

const [input, output] = Deno.args;
await using restorer = await createRestorer();
const { width, height } = await restorer.predictMask(input!);
const data = new Uint8Array(width * height);
for (let y = 0; y < height; y++) {
  data.fill(255, y * width, y * width + Math.floor(width / 2));
}
const result = await restorer.restore(input!, {
  task: "rain",
  mask: { width, height, data },
});
await result.save(output!);
