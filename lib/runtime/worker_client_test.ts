/** What happens when a Worker misbehaves, with Workers that do. */
import assert from "node:assert/strict";
import type { Session } from "./backend.ts";
import type { OpenRequest } from "./protocol.ts";
import { type RequestTime, WorkerBackend } from "./worker_client.ts";

const OPEN: OpenRequest = {
  kind: "open",
  device: "wasm",
  runtime: "none",
  threads: 1,
  software: false,
  precision: "auto",
};

/** A Worker that opens and loads, and answers a run with `script`. */
function workerThat(script: string): URL {
  const program = `onmessage = ({ data }) => {
    const answer = (answer) => postMessage({ kind: "answer", answer });
    if (data.kind === "open") answer({ name: "test" });
    else if (data.kind === "run") { ${script} }
    else answer(null);
  };`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

async function open(script: string): Promise<WorkerBackend> {
  const reason = (name: string): string => `Running on ${name}.`;
  const backend = await WorkerBackend.open(OPEN, reason, workerThat(script));
  assert.ok("device" in backend);
  assert.equal(backend.reason, "Running on test.");
  return backend;
}

function run(session: Session): Promise<unknown> {
  return session.run({ x: { data: new Float32Array(1), dims: [1] } });
}

Deno.test("a lost device fails the run under way, those that wait and those to come", async () => {
  await using backend = await open(
    `postMessage({ kind: "lost", message: "unplugged" })`,
  );
  const session = await backend.load("a", new Uint8Array(1));
  const lost = {
    code: "device-failed",
    message:
      "The wasm device was lost (unplugged); open it again or use another.",
  };
  const runs = [run(session), run(session)];
  for (const result of runs) await assert.rejects(result, lost);
  await assert.rejects(backend.load("b", new Uint8Array(1)), lost);
});

Deno.test("a Worker that throws fails the run, instead of hanging it", async () => {
  await using backend = await open(`throw new Error("out of memory")`);
  const session = await backend.load("a", new Uint8Array(1));
  await assert.rejects(run(session), {
    code: "device-failed",
    message: /^The Worker of wasm stopped \(.*out of memory.*\)\.$/,
  });
});

Deno.test("a Worker that does not start is unavailable, not an error", async () => {
  const broken = new URL("data:text/javascript,throw new Error('no')");
  const opened = await WorkerBackend.open(OPEN, String, broken);
  assert.ok("why" in opened);
  assert.match(opened.why, /^its Worker does not start/);
});

Deno.test("why a network runs step by step is known once its Worker has said so", async () => {
  await using backend = await open(
    `postMessage({ kind: "unrecorded", network: 1, why: "Too little." });
    answer({})`,
  );
  const first = await backend.load("a", new Uint8Array(1));
  const second = await backend.load("b", new Uint8Array(1));
  assert.equal(second.unrecorded, null);
  await run(second);
  assert.equal(first.unrecorded, null);
  assert.equal(second.unrecorded, "Too little.");
});

Deno.test("closing lets the run under way finish and refuses the rest", async () => {
  const backend = await open(
    `setTimeout(() => answer({ y: { data: new Float32Array(1), dims: [1] } }), 50)`,
  );
  const session = await backend.load("a", new Uint8Array(1));
  const first = run(session);
  const second = assert.rejects(run(session), {
    code: "device-failed",
    message: "The wasm backend was closed; open another.",
  });
  await Promise.resolve(); // the first has its turn
  await Promise.all([backend[Symbol.asyncDispose](), first, second]);
  await backend[Symbol.asyncDispose]();
});

/** A backend whose tiles take as long as `script` takes, and a canvas on it. */
async function tilesThat(
  script: string,
  signal: AbortSignal,
): Promise<{ backend: WorkerBackend; tile: () => Promise<unknown> }> {
  const program = `onmessage = ({ data }) => {
    const answer = (answer) => postMessage({ kind: "answer", answer });
    if (data.kind === "open") answer({ name: "test" });
    else if (data.kind === "canvas") { ${script} }
    else answer({ image: 1, width: 1, height: 1 });
  };`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const opened = await WorkerBackend.open(OPEN, String, url, {
    waited: 60_000,
    aborted: 100,
  });
  assert.ok("device" in opened);
  const session = await opened.load("a", new Uint8Array(1));
  const pixels = new Uint32Array(new SharedArrayBuffer(4));
  const data = new Uint8ClampedArray(pixels.buffer);
  const image = await opened.put({ width: 1, height: 1, data, pixels });
  const canvas = await opened.open(image, undefined, signal);
  const at = { line: 0, tile: 0 };
  return { backend: opened, tile: () => canvas.restoreTile(at, session) };
}

Deno.test("nobody waits for a tile once the signal aborts, under way or not, and what comes later is done", async () => {
  const control = new AbortController();
  const { backend, tile } = await tilesThat(
    "setTimeout(() => answer(null), 60)",
    control.signal,
  );
  await using _ = backend;
  const tiles = [tile(), tile()];
  await Promise.resolve();
  control.abort();
  const began = performance.now();
  for (const each of tiles) await assert.rejects(each, { code: "aborted" });
  assert.ok(performance.now() - began < 50);
  await backend.load("b", new Uint8Array(1));
  assert.equal(backend.broken, null);
});

Deno.test("a device that goes on with a tile long after its signal has aborted is lost", async () => {
  const control = new AbortController();
  const { backend, tile } = await tilesThat("", control.signal);
  await using _ = backend;
  const hung = tile();
  const waits = backend.load("b", new Uint8Array(1));
  control.abort();
  await assert.rejects(hung, { code: "aborted" });
  await assert.rejects(waits, {
    code: "device-failed",
    message: "The wasm device did not finish in time.",
  });
  assert.equal(backend.broken, "lost");
});

/** Time enough to start a Worker, and little to wait for one that never answers. */
const SOON: RequestTime = { waited: 4000, aborted: 100 };

Deno.test("a Worker that never says it is open is unavailable", async () => {
  const silent = new URL("data:text/javascript,onmessage = () => {}");
  const opened = await WorkerBackend.open(OPEN, String, silent, SOON);
  assert.ok("why" in opened);
  assert.match(opened.why, /did not finish in time/);
});

Deno.test("a device that does not answer is lost, with all that waits for it", async () => {
  const backend = await WorkerBackend.open(OPEN, String, workerThat(""), SOON);
  assert.ok("device" in backend);
  await using _ = backend;
  const session = await backend.load("a", new Uint8Array(1));
  const late = {
    code: "device-failed",
    message: "The wasm device did not finish in time.",
  };
  const both = [run(session), run(session)];
  for (const each of both) await assert.rejects(each, late);
  assert.equal(backend.broken, "lost");
});

Deno.test("a Worker that does not answer when it is closed is ended", async () => {
  const program = `onmessage = ({ data }) => {
    if (data.kind === "open") postMessage({ kind: "answer", answer: { name: "test" } });
  };`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const backend = await WorkerBackend.open(OPEN, String, url, SOON);
  assert.ok("device" in backend);
  await backend[Symbol.asyncDispose]();
});
