import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Progress } from "../../types.ts";
import type { StageTimes } from "../config.ts";
import { Problem } from "../problem.ts";
import { StageWatch } from "./stage_timeouts.ts";

const LONG = 60_000;
const LONG_TIMES = { decode: LONG, mask: LONG, restore: LONG, encode: LONG };

function watching(times: Partial<StageTimes>): StageWatch {
  const all: StageTimes = { ...LONG_TIMES, ...times };
  return new StageWatch(all, new AbortController().signal, 20);
}

function tell(watch: StageWatch, stage: Progress["stage"]): void {
  watch.onProgress({ stage, done: 0, total: 1 });
}

Deno.test("waiting for the codecs is time of no stage", async () => {
  using watch = watching({ decode: 30, restore: 30, encode: 30 });
  for (const before of ["decode", "restore"] as const) {
    tell(watch, before);
    tell(watch, "queue");
    await setTimeout(150);
    assert.equal(watch.signal.aborted, false, before);
  }
  tell(watch, "encode");
  await assert.rejects(watch.stuck, { code: "too-slow", message: /encode/ });
  assert.ok(watch.signal.reason instanceof Problem);
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
    using watch = watching({ [stage]: 20 });
    tell(watch, stage);
    await assert.rejects(watch.stuck, { code: "too-slow" });
    assert.equal(watch.deviceIsStuck, lost, stage);
  }
});
