/** What happens when the Worker of the codecs misbehaves, with Workers that do. */
import assert from "node:assert/strict";
import { CodecWorker } from "./codec_worker.ts";

/** A Worker that answers a request, `data`, with `script`. */
function workerThat(script: string): CodecWorker {
  const program = `onmessage = ({ data }) => {
    const answer = (answer) => postMessage({ kind: "answer", answer });
    ${script}
  };`;
  return new CodecWorker(
    new URL(`data:text/javascript,${encodeURIComponent(program)}`),
  );
}

/** Asks for a mask of one pixel, whose value `data.mask.data[0]` is. */
function ask(
  worker: CodecWorker,
  value = 0,
  time = 60_000,
): Promise<Uint8Array> {
  const mask = { width: 1, height: 1, data: Uint8Array.of(value) };
  return worker.ask<"encode-mask">(
    { kind: "encode-mask", mask, beneath: null },
    [],
    time,
  );
}

Deno.test("requests take turns, and each gets its own answer", async () => {
  const worker = workerThat(`
    const value = data.mask.data[0];
    if (globalThis.busy) throw new Error("two at once");
    globalThis.busy = true;
    setTimeout(() => { globalThis.busy = false; answer(value); }, 30 - 10 * value);
  `);
  const answers = await Promise.all([0, 1, 2].map((i) => ask(worker, i)));
  assert.deepEqual(answers, [0, 1, 2]);
  worker.end();
});

Deno.test("an error crosses over with code and message, and harms no other request", async () => {
  const worker = workerThat(`
    if (data.mask.data[0] === 1) answer("well");
    else postMessage({ kind: "error", code: "corrupt-image", message: "It is torn.", cause: "trap" });
  `);
  await assert.rejects(ask(worker), {
    name: "LimpidError",
    code: "corrupt-image",
    message: "It is torn.",
    cause: "trap",
  });
  assert.equal(worker.failed, false);
  assert.equal(await ask(worker, 1), "well");
  worker.end();
});

Deno.test("a Worker that throws fails its requests, instead of hanging them", async () => {
  const worker = workerThat(`throw new Error("no stack left")`);
  const stopped = {
    code: "device-failed",
    message: /^The Worker of the image codecs stopped \(.*no stack left.*\)/,
  };
  const requests = [ask(worker), ask(worker)];
  for (const request of requests) await assert.rejects(request, stopped);
  assert.ok(worker.failed);
});

Deno.test("a Worker that cannot be loaded fails its requests", async () => {
  const worker = new CodecWorker(
    new URL("data:text/javascript,throw new Error('no')"),
  );
  await assert.rejects(ask(worker), { code: "device-failed" });
});

Deno.test("a codec that does not come to an end is given up, also a busy one", async () => {
  for (
    const script of [
      ``,
      // Deno does not stop this one; it ends by itself.
      `const end = Date.now() + 2000; while (Date.now() < end);`,
    ]
  ) {
    const worker = workerThat(script);
    await assert.rejects(ask(worker, 0, 300), {
      code: "device-failed",
      message: /not finished a picture after 0 seconds/,
    });
    assert.ok(worker.failed);
  }
});

Deno.test("the time of a request begins with its turn", async () => {
  const worker = workerThat(`setTimeout(() => answer("done"), 800);`);
  const answers = await Promise.all(
    [0, 1, 2, 3].map((i) => ask(worker, i, 3000)),
  );
  assert.deepEqual(answers, Array(4).fill("done"));
  worker.end();
});

Deno.test("ending refuses what is under way and what waits", async () => {
  const worker = workerThat(``);
  const requests = [ask(worker), ask(worker)].map((request) =>
    assert.rejects(request, { code: "device-failed", message: /was ended/ })
  );
  await Promise.resolve();
  worker.end();
  await Promise.all(requests);
});
