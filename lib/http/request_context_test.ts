import assert from "node:assert/strict";
import { Problem } from "./problem.ts";
import { RequestContext } from "./request_context.ts";

function contextOf(id: string, client?: AbortSignal): RequestContext {
  const headers = { "x-request-id": id };
  return new RequestContext(
    new Request("http://here/", { headers, signal: client ?? null }),
  );
}

Deno.test("a caller's request id is kept where it is harmless in logs and headers", () => {
  for (const id of ["abcdefgh", "A-b_c.0123", "x".repeat(64)]) {
    assert.equal(contextOf(id).id, id);
  }
  for (const id of ["abcdefg", "x".repeat(65), "abc defgh", "abcdefgh/", ""]) {
    assert.match(contextOf(id).id, /^[0-9a-f-]{36}$/, id);
  }
  assert.match(new RequestContext(null).id, /^[0-9a-f-]{36}$/);
});

Deno.test("a client that leaves before its answer is made stops the work; afterwards it may leave", () => {
  const [early, late] = [new AbortController(), new AbortController()];
  const left = contextOf("left-early", early.signal);
  const answered = contextOf("left-late", late.signal);
  early.abort();
  answered.end();
  late.abort();
  assert.equal((left.signal.reason as Problem).code, "client-gone");
  assert.equal(answered.signal.aborted, false);
});

Deno.test("the stages of a request are told to the caller and to the log, those that failed too", async () => {
  const context = contextOf("abcdefgh");
  assert.ok(!("times" in context.line("GET", "/", 200)));
  const failed = context.time("read", () => Promise.reject(new Error("no")));
  await assert.rejects(failed, /no/);
  assert.deepEqual(context.stages.map(([stage]) => stage), ["read"]);
  context.note("mask", 12.345);
  assert.match(
    context.serverTiming,
    /^read;dur=\d+\.\d, mask;dur=12\.3, total;dur=\d+\.\d$/,
  );
  context.notes["bytes"] = 7;
  const cause = new Error("Why.");
  context.fail(new Problem("busy", "Wait.", { cause }));
  const { ms, times, ...line } = context.line("POST", "/restore", 429);
  assert.equal(typeof ms, "number");
  assert.equal((times as Record<string, number>)["mask"], 12.3);
  assert.deepEqual(line, {
    id: "abcdefgh",
    method: "POST",
    route: "/restore",
    status: 429,
    bytes: 7,
    error: "busy",
    internal: "Problem: Wait. [busy] <- Error: Why.",
  });
});
