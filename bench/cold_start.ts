/** Measures cold starts, each in fresh processes. */
import { Child } from "./child.ts";
import { medians } from "./median.ts";
import type { ColdJob, ColdTimes } from "./protocol.ts";
import type { ColdStart } from "./report.ts";

/** @throws {ChildFailed} where the device cannot be opened. */
export async function coldStart(
  job: Omit<ColdJob, "spawned">,
  runs: number,
): Promise<ColdStart> {
  const rows = [];
  for (let i = 0; i < runs; i++) {
    const steps = await run<ColdTimes>("cold_child.ts", job);
    rows.push({ ...steps, whole: await run<number>("whole_child.ts", job) });
  }
  return { device: job.device, ...medians(rows) };
}

async function run<T>(
  script: string,
  job: Omit<ColdJob, "spawned">,
): Promise<T> {
  const spawned = Date.now();
  await using child = Child.onDevice(script, job.device, { ...job, spawned });
  return await child.hear<T>();
}
