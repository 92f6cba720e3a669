/** Tests the client with Workers that misbehave. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { CodecWorker, type Terms } from "./worker_client.ts";

/** A Worker that answers a request, `data` with `value`, by `script`. */
function workerThat(
  script: string,
  idle?: number,
  aborted?: number,
): CodecWorker {
  const program = `onmessage = ({ data }) => {
    const answer = (answer) => postMessage({ kind: "answer", answer });
    const value = data.mask && new Uint8Array(data.mask.band)[0];
    ${script}
  };`;
  return new CodecWorker(
    new URL(`data:text/javascript,${encodeURIComponent(program)}`),
    idle,
    aborted,
  );
}

/** Asks for a mask of one pixel, the script's `value`. */
function ask(
  worker: CodecWorker,
  value = 0,
  terms: Partial<Terms> = {},
): Promise<Uint8Array> {
  const band = new SharedArrayBuffer(1);
  new Uint8Array(band)[0] = value;
  return worker.ask<"encode-mask">(
    {
      kind: "encode-mask",
      mask: { width: 1, height: 1, channels: 1, depth: 8, band },
      beneath: null,
    },
    { time: 60_000, ...terms },
  );
}

Deno.test("requests take turns, and each gets its own answer", async () => {
  const worker = workerThat(`
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
    if (value === 1) answer("well");
    else postMessage({ kind: "error", code: "corrupt-image", message: "It is torn.", cause: "trap" });
  `);
  await assert.rejects(ask(worker), {
    name: "LimpidError",
    code: "corrupt-image",
    message: "It is torn.",
    cause: "trap",
  });
  assert.equal(await ask(worker, 1), "well");
  worker.end();
});

Deno.test("a Worker that throws fails its requests, instead of hanging them", async () => {
  const worker = workerThat(`throw new Error("no stack left")`);
  const stopped = {
    code: "codec-failed",
    message: /^The Worker of the image codecs stopped \(.*no stack left.*\)/,
  };
  const requests = [ask(worker), ask(worker)];
  for (const request of requests) await assert.rejects(request, stopped);
});

Deno.test("a Worker that cannot be loaded fails its requests", async () => {
  const worker = new CodecWorker(
    new URL("data:text/javascript,throw new Error('no')"),
  );
  await assert.rejects(ask(worker), { code: "codec-failed" });
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
    await assert.rejects(ask(worker, 0, { time: 300 }), {
      code: "codec-failed",
      message: /not finished an image after 0 seconds/,
    });
    worker.end();
  }
});

Deno.test("a request that is given up fails alone: those that wait get another Worker", async () => {
  const worker = workerThat(`
    if (value === 1) { const end = Date.now() + 3000; while (Date.now() < end); }
    else answer(value);
  `);
  const results = await Promise.allSettled([
    ask(worker, 0),
    ask(worker, 1, { time: 300 }),
    ask(worker, 2),
    ask(worker, 3),
  ]);
  assert.deepEqual(
    results.map((result) =>
      result.status === "fulfilled" ? result.value : result.reason.code
    ),
    [0, "codec-failed", 2, 3],
  );
  worker.end();
});

Deno.test("a job that nobody waits for keeps no other waiting for long", async () => {
  const worker = workerThat("if (value === 0) answer(7);", undefined, 100);
  const control = new AbortController();
  const request = (value: number, signal: AbortSignal): Promise<Uint8Array> => {
    const band = new SharedArrayBuffer(1);
    new Uint8Array(band)[0] = value;
    const mask = { width: 1, height: 1, channels: 1, depth: 8, band } as const;
    return worker.ask<"encode-mask">(
      { kind: "encode-mask", mask, beneath: null },
      { time: 60_000 },
      { signal },
    );
  };
  const stuck = assert.rejects(request(1, control.signal), {
    code: "aborted",
  });
  const next = ask(worker, 0);
  await setTimeout(50); // Its turn comes.
  control.abort();
  await stuck;
  assert.equal(await next, 7);
  // One that was over before says nothing.
  assert.equal(await request(0, control.signal), 7);
  worker.end();
});

Deno.test("a job that waits leaves at once when its signal aborts", async () => {
  const worker = workerThat("setTimeout(() => answer(value), 300);");
  const first = ask(worker, 1);
  const control = new AbortController();
  let ran = false;
  const waits = worker.take(() => {
    ran = true;
    return Promise.resolve();
  }, { signal: control.signal });
  control.abort();
  const began = performance.now();
  await assert.rejects(waits, { code: "aborted" });
  assert.ok(performance.now() - began < 200);
  assert.equal(await first, 1);
  assert.equal(await ask(worker, 2), 2);
  assert.ok(!ran);
  worker.end();
});

Deno.test("a job is told when it waits, and when its turn has come; its requests follow each other", async () => {
  const worker = workerThat(`setTimeout(() => answer(value), 50);`);
  const told: string[] = [];
  const job = (name: string): Promise<unknown> =>
    worker.take(
      async (each) => {
        for (const part of [1, 2]) {
          const band = new SharedArrayBuffer(1);
          const mask = {
            width: 1,
            height: 1,
            channels: 1,
            depth: 8,
            band,
          } as const;
          const request = { kind: "encode-mask", mask, beneath: null } as const;
          await each<"encode-mask">(request, { time: 60_000 });
          told.push(`${name}${part}`);
        }
      },
      {
        onWait: () => told.push(`${name} waits`),
        onTurn: () => told.push(`${name} turn`),
      },
    );
  const left = worker.take(() => Promise.resolve(), {
    onTurn: () => {
      throw new Error("left");
    },
  });
  await Promise.all([
    assert.rejects(left, /left/),
    job("a"),
    job("b"),
  ]);
  assert.deepEqual(
    told,
    ["a waits", "b waits", "a turn", "a1", "a2", "b turn", "b1", "b2"],
  );
  // Alone, a job does not wait.
  told.length = 0;
  await job("c");
  assert.deepEqual(told, ["c turn", "c1", "c2"]);
  worker.end();
});

Deno.test("the time of a request begins with its turn", async () => {
  const worker = workerThat(`setTimeout(() => answer("done"), 800);`);
  const answers = await Promise.all(
    [0, 1, 2, 3].map((i) => ask(worker, i, { time: 3000 })),
  );
  assert.deepEqual(answers, Array(4).fill("done"));
  worker.end();
});

Deno.test("ending refuses what is under way and what waits", async () => {
  const worker = workerThat(``);
  const requests = [ask(worker), ask(worker)].map((request) =>
    assert.rejects(request, { code: "codec-failed", message: /was ended/ })
  );
  await Promise.resolve();
  worker.end();
  await Promise.all(requests);
});

Deno.test("a Worker that has taken much memory is followed by another, whether it answered or failed", async () => {
  const worker = workerThat(`
    globalThis.count = (globalThis.count ?? 0) + 1;
    const taken = (value % 2 === 1 ? 300 : 200) * 2 ** 20;
    if (value === 3) postMessage({ kind: "error", code: "corrupt-image", message: "It is torn.", cause: "", taken });
    else postMessage({ kind: "answer", answer: [value, globalThis.count], taken });
  `);
  const answers: unknown[] = [];
  for (const value of [0, 1, 2, 3, 4]) {
    answers.push(await ask(worker, value).catch(({ code }) => code));
  }
  assert.deepEqual(answers, [[0, 1], [1, 2], [2, 1], "corrupt-image", [4, 1]]);
  worker.end();
});

Deno.test("a Worker that nobody needs for a while is ended, and another is started when it is", async () => {
  const worker = workerThat(
    `
    globalThis.count = (globalThis.count ?? 0) + 1;
    answer(globalThis.count);
  `,
    200,
  );
  assert.deepEqual(await ask(worker), 1);
  assert.deepEqual(await ask(worker), 2);
  await setTimeout(1500);
  assert.deepEqual(await ask(worker), 1);
  worker.end();
});

Deno.test("rows that are asked for are put before the Worker goes on", async () => {
  const worker = workerThat(`
    if (data.kind === "rows-here") answer([...new Uint8Array(band)]);
    else {
      globalThis.band = data.mask.band;
      postMessage({ kind: "rows-wanted", from: 3, to: 5 });
    }
  `);
  const band = new SharedArrayBuffer(2);
  const answer = worker.ask<"encode-mask">(
    {
      kind: "encode-mask",
      mask: { width: 1, height: 9, channels: 1, depth: 8, band },
      beneath: null,
    },
    {
      time: 60_000,
      put: async ({ from, to }) => {
        await Promise.resolve();
        new Uint8Array(band).set([from, to]);
      },
    },
  );
  assert.deepEqual(await answer, [3, 5]);
  worker.end();
});

Deno.test("rows that cannot be had fail the request", async () => {
  const worker = workerThat(`
    if (value === 1) answer("well");
    else postMessage({ kind: "rows-wanted", from: 0, to: 1 });
  `);
  const reason = new Error("gone");
  const put = (): Promise<void> => Promise.reject(reason);
  await assert.rejects(ask(worker, 0, { put }), reason);
  assert.equal(await ask(worker, 1), "well");
  worker.end();
});

Deno.test("after a large image another Worker goes on, with what waited", async () => {
  const worker = workerThat(`
    globalThis.count = (globalThis.count ?? 0) + 1;
    answer([value, globalThis.count]);
  `);
  const answers = await Promise.all(
    [0, 1, 2, 3].map((i) => ask(worker, i, { large: i === 1 })),
  );
  assert.deepEqual(answers, [[0, 1], [1, 2], [2, 1], [3, 2]]);
  worker.end();
});
