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
