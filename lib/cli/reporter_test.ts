import assert from "node:assert/strict";
import { Reporter } from "./reporter.ts";

/** A sink that takes a few writes, then fails. */
function sink(
  writes: number,
  error: Error,
): { write(bytes: Uint8Array): Promise<number>; text: string } {
  return {
    text: "",
    write(bytes): Promise<number> {
      if (writes-- <= 0) return Promise.reject(error);
      this.text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

Deno.test("a reader that leaves is no fault, and is asked no more", async () => {
  const to = sink(1, new Deno.errors.BrokenPipe("gone"));
  const report = new Reporter(to);
  await report.line("a");
  await report.line("b");
  await report.line("c");
  assert.equal(to.text, "a\n");
  assert.equal(report.failed, false);
});

Deno.test("a report that cannot be written is one", async () => {
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const report = new Reporter(sink(0, full));
  await report.line("a");
  assert.equal(report.failed, true);
});

Deno.test("terminals are given nothing to obey", async () => {
  const to = sink(1, new Error());
  await new Reporter(to).line("a\x1b[31m\x9b2J\u202e\nb");
  assert.equal(to.text, "a?[31m?2J??b\n");
});

Deno.test("a reader who takes no more does not hold up an interruption, and one who does is told all", async () => {
  const stop = new AbortController();
  const begun = Promise.withResolvers<void>();
  const stuck = new Reporter({
    write: () => {
      begun.resolve();
      return new Promise(() => {});
    },
  }, stop.signal);
  const line = stuck.line("a");
  await begun.promise;
  stop.abort();
  await line;
  // It is not tried again.
  await stuck.line("interrupted");
  const to = sink(1, new Error());
  await new Reporter(to, stop.signal).line("interrupted");
  assert.equal(to.text, "interrupted\n");
});

Deno.test("an output that is full and does not wait is tried again", async () => {
  const to = sink(1, new Error());
  let full = 2;
  const report = new Reporter({
    write: (bytes) =>
      full-- > 0
        ? Promise.reject(new Deno.errors.WouldBlock("full"))
        : to.write(bytes),
  });
  await report.line("a");
  assert.equal(to.text, "a\n");
  assert.equal(report.failed, false);
});
