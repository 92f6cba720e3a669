import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { LimpidError } from "../../errors.ts";
import { progressOf } from "../../job_control.ts";
import type { Restorer } from "../../restorer.ts";
import { Problem } from "../problem.ts";
import { RequestContext } from "../request_context.ts";
import type { Service } from "../service.ts";
import { Admission } from "./admission.ts";
import { type JobOptions, runJob } from "./run_job.ts";

/** What becomes of a job, of the slot that it had, and of its device. */
async function outcomeOf(
  work: (options: JobOptions) => Promise<string>,
  times: Partial<Service["config"]["stages"]> = {},
): Promise<{
  result: unknown;
  running: number;
  stages: readonly string[];
  noted: readonly unknown[];
}> {
  const noted: unknown[] = [];
  const long = 60_000;
  const service = {
    config: {
      stages: {
        decode: long,
        mask: long,
        restore: long,
        encode: long,
        ...times,
      },
    },
    supervisor: {
      restorer: () => Promise.resolve({} as Restorer),
      noteError: (_: Restorer, error: unknown) => void noted.push(error),
    },
  } as unknown as Service;
  const admission = new Admission(1, 0, long);
  using place = admission.enter();
  const context = new RequestContext(null);
  const never = new AbortController().signal;
  const result = await runJob(
    service,
    place,
    never,
    context,
    (_, options) => work(options),
  ).catch((error) => error);
  const stages = context.stages.map(([stage]) => stage);
  return { result, running: admission.running, stages, noted };
}

Deno.test("runJob: a job's result is given, its slot is free again", async () => {
  const { result, running, stages, noted } = await outcomeOf(() =>
    Promise.resolve("done")
  );
  assert.deepEqual([result, running, stages, noted], [
    "done",
    0,
    ["queue"],
    [],
  ]);
});

Deno.test("runJob: a job that fails says what its stages took, and its error is told of the device", async () => {
  const lost = new LimpidError("device-failed", "Lost.");
  const { result, running, stages, noted } = await outcomeOf(
    ({ onProgress }) => {
      onProgress(progressOf("decode", 0, 1));
      onProgress(progressOf("mask", 0, 1));
      return Promise.reject(lost);
    },
  );
  assert.deepEqual([result, noted], [lost, [lost]]);
  assert.equal(running, 0);
  assert.deepEqual(stages, ["queue", "decode", "mask"]);
});

Deno.test("runJob: a job that does not stop is given up, and its device with it, even if it fails later", async () => {
  const { setTimeout } = globalThis;
  // Nobody waits for the time that a job has to stop.
  globalThis.setTimeout =
    ((done: () => void, ms: number) =>
      setTimeout(done, ms < 60_000 ? 0 : ms)) as typeof setTimeout;
  try {
    const later = Promise.withResolvers<string>();
    const { result, running, noted } = await outcomeOf(({ onProgress }) => {
      onProgress(progressOf("mask", 0, 1));
      return later.promise;
    }, { mask: 0 });
    assert.ok(result instanceof Problem && result.code === "too-slow");
    assert.equal(running, 0);
    const [error] = noted as LimpidError[];
    assert.equal(error!.code, "device-failed");
    assert.equal(error!.cause, result);
    later.reject(new Error("Too late."));
    await pause(0);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});
