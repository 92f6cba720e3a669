import assert from "node:assert/strict";
import { Reporter } from "./reporter.ts";

/** A sink that takes a few writes, then fails. */
function sink(
  writes: number,
  error: Error,
): { writeSync(bytes: Uint8Array): number; text: string } {
  return {
    text: "",
    writeSync(bytes): number {
      if (writes-- <= 0) throw error;
      this.text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
}

Deno.test("a reader that leaves is no fault, and is asked no more", () => {
  const to = sink(1, new Deno.errors.BrokenPipe("gone"));
  const report = new Reporter(to);
  report.line("a");
  report.line("b");
  report.line("c");
  assert.equal(to.text, "a\n");
  assert.equal(report.failed, false);
});

Deno.test("a report that cannot be written is one", () => {
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const report = new Reporter(sink(0, full));
  report.line("a");
  assert.equal(report.failed, true);
});

Deno.test("terminals are given nothing to obey", () => {
  const to = sink(1, new Error());
  new Reporter(to).line("a\x1b[31m\x9b2J\u202e\nb");
  assert.equal(to.text, "a?[31m?2J??b\n");
});
