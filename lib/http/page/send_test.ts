import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { restore } from "./send.js";

/** Sends a photograph to a service that gives this answer. */
async function sendTo(
  answer: Response,
  stop = new AbortController(),
): Promise<unknown> {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.resolve(answer);
  try {
    return await restore(new Blob(), {}, "", stop.signal, () => {});
  } finally {
    globalThis.fetch = fetch;
    // It is not asked any more how far it is.
    await pause(310);
  }
}

Deno.test("restore: a form without the parts of a result is none", async () => {
  for (const missing of ["report", "image", "mask"]) {
    const form = new FormData();
    for (const name of ["report", "image", "mask"]) {
      if (name === missing) continue;
      form.set(name, name === "report" ? "{}" : new Blob(["bytes"]));
    }
    await assert.rejects(sendTo(new Response(form)), /not arrive whole/);
  }
});

Deno.test("restore: one that is stopped while a problem comes has not failed", async () => {
  const stop = new AbortController();
  const body = new ReadableStream({
    pull(controller): void {
      stop.abort();
      controller.error(stop.signal.reason);
    },
  }, { highWaterMark: 0 });
  const answer = new Response(body, { status: 429 });
  await assert.rejects(sendTo(answer, stop), { name: "AbortError" });
});

Deno.test("restore: the service is away where a proxy answers for it, and is not where it answers itself", async () => {
  const problem = { type: "urn:limpid:problem:internal", detail: "It broke." };
  const answers: [Response, boolean][] = [
    [new Response("<h1>Bad gateway</h1>", { status: 502 }), true],
    [Response.json(problem, { status: 500 }), false],
    [new Response("No such page", { status: 404 }), false],
  ];
  for (const [answer, isAway] of answers) {
    await assert.rejects(sendTo(answer), { isAway });
  }
});
