/** Measures cold starts, each in fresh processes. */
import type { Device } from "../lib/types.ts";
import { Child } from "./child.ts";
import { medians } from "./median.ts";
import type { ColdAnswer, ColdJob } from "./protocol.ts";
import type { ColdStart } from "./report.ts";

/** A cold start, and whether the device is a software renderer. */
export interface Cold extends ColdStart {
  readonly software: boolean;
}

/** @throws {ChildFailed} where the device is not to be had. */
export async function coldStart(
  job: Omit<ColdJob, "spawned">,
  runs: number,
): Promise<Cold> {
  const rows = [];
  let name = "";
  let software = false;
  for (let i = 0; i < runs; i++) {
    const steps = await run<ColdAnswer>("cold_child.ts", job);
    const whole = await run<number>("whole_child.ts", job);
    ({ name, software } = steps);
    const { process, import: imported, adapter, session, firstTile } = steps;
    const times = { process, import: imported, adapter, session, firstTile };
    rows.push({ ...times, whole });
  }
  const { device }: { device: Device } = job;
  return { device, name, software, ...medians(rows) };
}

async function run<T>(
  script: string,
  job: Omit<ColdJob, "spawned">,
): Promise<T> {
  const spawned = Date.now();
  await using child = Child.onDevice(script, job.device, { ...job, spawned });
  return await child.hear<T>();
}
