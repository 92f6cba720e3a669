/** Measures what a caller waits for the first image, from the start of the process. */
import { jobOf, say } from "./answer.ts";
import type { ColdJob } from "./protocol.ts";

const { device, models, precision, task, image, spawned } = jobOf<ColdJob>();
const specifier = "../mod.ts"; // not to be looked ahead for
const { restore } = await import(specifier) as typeof import("../mod.ts");
await restore(await Deno.readFile(image), {
  device,
  models,
  precision,
  task,
});
say(Date.now() - spawned);
