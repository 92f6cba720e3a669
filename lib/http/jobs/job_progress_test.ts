import assert from "node:assert/strict";
import { progressOf } from "../../job_control.ts";
import { JobProgress } from "./job_progress.ts";

Deno.test("progress: a job is told of from its beginning to its end", () => {
  const progress = new JobProgress();
  assert.equal(progress.of("one"), null);
  {
    using job = progress.begin("one");
    assert.equal(progress.of("one")!.stage, "receive");
    const now = progressOf("mask", 1, 2);
    job.tell(now);
    assert.deepEqual(progress.of("one"), now);
    assert.equal(progress.of("two"), null);
  }
  assert.equal(progress.of("one"), null);
});

Deno.test("attack: a job with the id of another neither speaks for it nor ends it", () => {
  const progress = new JobProgress();
  const first = progress.begin("one");
  const second = progress.begin("one");
  second.tell(progressOf("encode", 0, 1));
  assert.equal(progress.of("one")!.stage, "receive");
  second[Symbol.dispose]();
  assert.equal(progress.of("one")!.stage, "receive");
  first[Symbol.dispose]();
  assert.equal(progress.of("one"), null);
  // Told too late, it does not come back.
  first.tell(progressOf("mask", 0, 1));
  assert.equal(progress.of("one"), null);
});
