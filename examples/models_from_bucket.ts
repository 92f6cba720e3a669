/**
 * Takes models from a bucket or a web server:
 * deno run -A examples/models_from_bucket.ts "s3://BUCKET/limpid?region=us-east-1" photo.jpg restored.jpg
 */
import { createRestorer } from "../mod.ts";

const [models, input, output] = Deno.args;
await using restorer = await createRestorer({
  models: models!,
  preload: ["rain"],
});
const result = await restorer.restore(input!, { task: "rain" });
await result.save(output!);
for (const { id, sha256 } of result.models) console.log(id, sha256);
