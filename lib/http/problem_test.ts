import assert from "node:assert/strict";
import { type ErrorCode, LimpidError } from "../errors.ts";
import { asProblem, internalText, Problem, PROBLEM_CODES } from "./problem.ts";

const SECRET = "/srv/secret/models/manifest.json at https://user@host/";

Deno.test("what callers are told names no path, whatever the library says", () => {
  const codes: ErrorCode[] = [
    "corrupt-image",
    "not-found",
    "unreadable",
    "unwritable",
    "model-missing",
    "model-corrupt",
    "device-unavailable",
    "device-failed",
    "out-of-memory",
    "too-much-memory",
    "aborted",
  ];
  for (const code of codes) {
    const problem = asProblem(new LimpidError(code, SECRET));
    assert.doesNotMatch(problem.message, /secret|host/, code);
    // The log has all of it.
    assert.match(internalText(problem), /secret/);
  }
  for (const code of ["too-much-memory", "out-of-memory"] as const) {
    const problem = asProblem(new LimpidError(code, SECRET));
    assert.match(problem.message, /memory/);
  }
  const unknown = asProblem(new TypeError(SECRET));
  assert.equal(unknown.status, 500);
  assert.doesNotMatch(unknown.message, /secret|host/);
});

Deno.test("a limit that stopped a job is told as that limit", () => {
  const late = new Problem("too-slow", "Too slow.", { retryAfter: 3 });
  const stopped = new LimpidError("aborted", "Stopped.", { cause: late });
  assert.equal(asProblem(stopped), late);
  assert.equal(late.response("id").headers.get("retry-after"), "3");
});

Deno.test("the documentation lists every problem with its status", async () => {
  const text = await Deno.readTextFile(
    new URL("../../docs/service.md", import.meta.url),
  );
  for (const code of PROBLEM_CODES) {
    const { status } = new Problem(code, "");
    const row = new RegExp(`^\\|.*\`${code}\`.*\\| ${status} \\|`, "m");
    assert.match(text, row, code);
  }
});
