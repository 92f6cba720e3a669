import assert from "node:assert/strict";
import { inRequest } from "./tracing.ts";

/** Runs in a process that traces: requests with these callers' spans, one after the other. */
const PROGRAM = `
  const { inRequest, inSpan } = await import(${
  JSON.stringify(import.meta.resolve("./tracing.ts"))
});
  for (const parent of JSON.parse(Deno.args[0])) {
    await inRequest(
      parent,
      () => inSpan("queue", () => Promise.resolve()),
      () => parent === null,
    );
  }
`;

Deno.test("tracing: spans of a request are in the caller's trace; an id that is not valid is none", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const span = "00f067aa0ba902b7";
  const parents = [
    `00-${trace}-${span}-01`,
    // Not sampled: nothing is told of it.
    `00-${trace}-${span}-00`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    "nonsense",
    null,
  ];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "-q",
      `data:text/javascript,${encodeURIComponent(PROGRAM)}`,
      JSON.stringify(parents),
    ],
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "console",
      NO_COLOR: "1",
    },
  }).output();
  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assert.equal(code, 0, text);
  assert.equal(text.match(/SPAN queue/g)?.length, parents.length - 1, text);
  // The request and the queue of the first alone.
  // The last request failed, its queue did not.
  assert.equal(text.match(/status: *error/gi)?.length, 1, text);
  assert.equal(text.match(new RegExp(`\\[${trace}/`, "g"))?.length, 2, text);
});

Deno.test("tracing: without it work is done all the same, and fails as it fails", async () => {
  assert.equal(await inRequest(null, () => Promise.resolve(3)), 3);
  await assert.rejects(
    inRequest("nonsense", () => Promise.reject(new Error("no"))),
    /no/,
  );
});
