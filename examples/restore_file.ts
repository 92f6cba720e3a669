/** Restores one photograph: deno run -A examples/restore_file.ts photo.jpg restored.jpg */
import { restore } from "../mod.ts";

const [input, output] = Deno.args;
const result = await restore(input!);
await result.save(output!);
console.log(
  result.restored.length > 0
    ? `Restored ${result.restored.join(" and ")}.`
    : `Nothing was restored; it looks ${result.task}.`,
);
