/** Measures `restore()` in its own process. */
import { createRestorer } from "../mod.ts";
import { answer, jobOf } from "./answer.ts";
import { EventLoop } from "./event_loop.ts";

import type { Job, SubjectAnswer } from "./protocol.ts";
import { peakMemory, processorTime } from "./usage.ts";

const { device, models, precision, size, task, image, warmUp, ...job } = jobOf<
  Job
>();
const options = {
  task: job.undamaged ? "auto" : task,
  ...(job.tile === null ? {} : { tile: job.tile }),
} as const;
await using restorer = await createRestorer({
  device,
  models,
  precision,
  size,
});
const first = await restorer.restore(await Deno.readFile(warmUp), options);
await first.encode();

await answer(async (): Promise<SubjectAnswer> => {
  const file = await Deno.readFile(image);
  const loop = new EventLoop();
  const start = performance.now();
  let decoded = 0;
  const result = await restorer.restore(file, {
    ...options,
    onProgress: ({ stage, done }): void => {
      if (stage === "decode" && done === 1) decoded = processorTime();
    },
  });
  const restored = performance.now();
  const cpu = processorTime() - decoded;
  await result.encode();
  const encoded = performance.now();
  loop.stop();
  const { decode, mask, restore, encode, total, canvas } = result.times;
  const work = total - decode - encode;
  const known = Object.values(canvas).reduce((a, b) => a + b, 0);
  return {
    times: {
      decode,
      ...canvas,
      other: Math.max(0, work - known),
      encode,
      mask,
      restore,
      work,
    },
    gaps: {
      decode: loop.longestGap(start, start + decode),
      work: loop.longestGap(start + decode, restored),
      encode: loop.longestGap(restored, encoded),
    },
    tiles: result.tiles,
    levels: result.levels,
    cpu,
    precisions: result.models.map(({ precision }) => precision),
    side: result.tiles.side,
    peak: peakMemory(),
  };
});
