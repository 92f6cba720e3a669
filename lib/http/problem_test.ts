import assert from "node:assert/strict";
import { photo } from "../../tests/scene.ts";
import { checkHeader, type DecodeLimits } from "../codecs/decode.ts";
import { type ErrorCode, LimpidError } from "../errors.ts";
import {
  asProblem,
  internalText,
  Problem,
  PROBLEM_CODES,
  type ProblemCode,
} from "./problem.ts";

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

Deno.test("every error of the library has its problem; those about the input keep their sentence", () => {
  const problems: Record<ErrorCode, ProblemCode> = {
    "empty-input": "empty-input",
    "not-an-image": "not-an-image",
    "unsupported-format": "unsupported-format",
    "corrupt-image": "corrupt-image",
    "too-many-pixels": "too-many-pixels",
    "too-many-bytes": "too-many-bytes",
    "too-much-memory": "too-much-memory",
    "invalid-option": "invalid-option",
    "not-found": "internal",
    "unreadable": "invalid-request",
    "unwritable": "model-failed",
    "model-missing": "model-failed",
    "model-corrupt": "model-failed",
    "device-unavailable": "device-failed",
    "device-failed": "device-failed",
    "codec-failed": "too-slow",
    "out-of-memory": "device-failed",
    "aborted": "client-gone",
  };
  const told = new Set<ErrorCode>([
    "empty-input",
    "not-an-image",
    "unsupported-format",
    "too-many-pixels",
    "too-many-bytes",
    "invalid-option",
  ]);
  for (const [key, wanted] of Object.entries(problems)) {
    const code = key as ErrorCode;
    const problem = asProblem(new LimpidError(code, "Why."));
    assert.equal(problem.code, wanted, code);
    assert.equal(problem.message === "Why.", told.has(code), code);
    // What passes by itself is worth another try.
    assert.equal(problem.retryAfter, problem.status === 503 ? 5 : null, code);
  }
});

Deno.test("callers are told a limit, and not to raise it: it is the operator's", () => {
  const told = (limits: DecodeLimits): string => {
    try {
      checkHeader(photo, limits);
      return "It is within the limits.";
    } catch (error) {
      return asProblem(error).message;
    }
  };
  assert.equal(
    told({ maxPixels: 10, maxBytes: 1e6 }),
    "The PNG says it is 64x48, more than the limit of 10 pixels; make it smaller.",
  );
  assert.equal(
    told({ maxPixels: 1e6, maxBytes: 10 }),
    `The input has ${photo.length} bytes, more than the limit of 10; use a smaller file.`,
  );
});

Deno.test("a problem is an answer of its status, with all that clients need", async () => {
  const headersOf = (
    code: ProblemCode,
    options: ConstructorParameters<typeof Problem>[2] = {},
  ): Record<string, string> => {
    const { headers } = new Problem(code, "Für Sie.", options).response("id");
    return Object.fromEntries(headers);
  };
  const answer = new Problem("busy", "Für Sie.", { retryAfter: 0 })
    .response("id");
  const text = await answer.text();
  assert.equal(answer.status, 429);
  assert.deepEqual(Object.fromEntries(answer.headers), {
    "cache-control": "no-store",
    "content-length": `${new TextEncoder().encode(text).length}`,
    "content-type": "application/problem+json",
    "retry-after": "0",
  });
  assert.deepEqual(JSON.parse(text), {
    type: "urn:limpid:problem:busy",
    title: "The server is busy",
    status: 429,
    detail: "Für Sie.",
    requestId: "id",
  });
  const allow = ["GET", "HEAD"];
  assert.equal(
    headersOf("method-not-allowed", { allow })["allow"],
    "GET, HEAD",
  );
  assert.equal(headersOf("unauthorised")["www-authenticate"], "Bearer");
  const { allow: none, "www-authenticate": asked, "retry-after": later } =
    headersOf("not-found");
  assert.deepEqual([none, asked, later], [undefined, undefined, undefined]);
});

Deno.test("the log has an error and its causes in a line, however many and long", () => {
  let error = new Error("x".repeat(2000));
  for (let i = 0; i < 9; i++) error = new Error(`${i}`, { cause: error });
  assert.equal(
    internalText(error),
    [8, 7, 6, 5, 4].map((i) => `Error: ${i}`).join(" <- "),
  );
  const cause = new LimpidError("corrupt-image", "y".repeat(2000));
  const [first, second] = internalText(
    new Problem("busy", "Wait.", { cause }),
  ).split(" <- ");
  assert.equal(first, "Problem: Wait. [busy]");
  assert.equal(second?.length, 500);
});

Deno.test("a limit that stopped a job is told as that limit", () => {
  const late = new Problem("too-slow", "Too slow.", { retryAfter: 3 });
  const stopped = new LimpidError("aborted", "Stopped.", { cause: late });
  assert.equal(asProblem(stopped), late);
  assert.equal(late.response("id").headers.get("retry-after"), "3");
  // Of other errors a problem is only the cause.
  const failed = new LimpidError("device-failed", "Failed.", { cause: late });
  assert.equal(asProblem(failed).code, "device-failed");
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
