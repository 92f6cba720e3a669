import assert from "node:assert/strict";
import { progressOf } from "../../job_control.ts";
import { setTimeout } from "node:timers/promises";
import type { Progress } from "../../types.ts";
import type { StageTimes } from "../config.ts";
import { Problem } from "../problem.ts";
import { StageTimeouts } from "./stage_timeouts.ts";

const LONG = 60_000;
const LONG_TIMES = { decode: LONG, mask: LONG, restore: LONG, encode: LONG };

function watching(
  times: Partial<StageTimes>,
  client = new AbortController().signal,
): StageTimeouts {
  const all: StageTimes = { ...LONG_TIMES, ...times };
  return new StageTimeouts(all, client, 20);
}

function tell(control: StageTimeouts, stage: Progress["stage"]): void {
  control.onProgress(progressOf(stage, 0, 1));
}

Deno.test("waiting for the codecs or a download is time of no stage", async () => {
  using control = watching({ decode: 30, restore: 30, encode: 30 });
  for (
    const [before, wait] of [
      ["decode", "queue"],
      ["mask", "download"],
      ["restore", "queue"],
    ] as const
  ) {
    tell(control, before);
    tell(control, wait);
    await setTimeout(100);
    assert.equal(control.signal.aborted, false, wait);
  }
  tell(control, "encode");
  await assert.rejects(control.stuck, { code: "too-slow", message: /encode/ });
  assert.ok(control.signal.reason instanceof Problem);
});

Deno.test("a stage that comes again goes on with the time that it has left", async () => {
  using control = watching({ mask: 100, restore: 1000 });
  const began = performance.now();
  while (!control.signal.aborted) {
    for (const stage of ["mask", "restore"] as const) {
      tell(control, stage);
      await setTimeout(20);
    }
    assert.ok(performance.now() - began < 5000, "the limit starts anew");
  }
  assert.match(control.signal.reason.message, /mask/);
});

Deno.test("a job that goes on after its time is stuck, whatever it tells", async () => {
  using control = watching({ mask: 20, restore: 20 });
  tell(control, "mask");
  // The time of its end neither stops nor begins anew.
  control.signal.addEventListener("abort", () =>
    queueMicrotask(() => {
      tell(control, "queue");
      tell(control, "restore");
    }));
  await assert.rejects(control.stuck, { code: "too-slow", message: /mask/ });
  assert.ok(control.deviceIsStuck);
});

Deno.test("a job that does not stop has lost its device where that is what it was on", async () => {
  for (
    const [stage, lost] of [
      ["decode", false],
      ["mask", true],
      ["restore", true],
      ["encode", false],
    ] as const
  ) {
    using control = watching({ [stage]: 20 });
    tell(control, stage);
    await assert.rejects(control.stuck, { code: "too-slow" });
    assert.equal(control.deviceIsStuck, lost, stage);
  }
});

Deno.test("a job stops when its client leaves, and is told why", () => {
  const client = new AbortController();
  using control = watching({}, client.signal);
  const gone = new Error("gone");
  client.abort(gone);
  assert.equal(control.signal.reason, gone);
});

Deno.test("a stage has the time from its beginning to the next, however often it comes; waiting counts for none", () => {
  let time = 0;
  performance.now = () => time;
  try {
    using control = watching({});
    for (
      const [stage, ms] of [
        ["decode", 10],
        ["queue", 1000],
        ["mask", 20],
        ["restore", 300],
        ["mask", 5],
      ] as const
    ) {
      tell(control, stage);
      time += ms;
    }
    assert.deepEqual([...control.endStages()], [
      ["decode", 10],
      ["mask", 25],
      ["restore", 300],
    ]);
  } finally {
    Reflect.deleteProperty(performance, "now");
  }
});
