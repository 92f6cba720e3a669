import assert from "node:assert/strict";
import { Problem } from "../problem.ts";
import { readBody } from "./read_body.ts";

const LIMITS = { maxBytes: 10, idleTime: 5000, readTime: 30_000 };
const never = new AbortController().signal;

function is(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Problem && error.code === code;
}

/** Pieces with a pause before each; notes whether it was cancelled, which would end the connection. */
function stream(
  pieces: readonly string[],
  pause: number,
): { body: ReadableStream<Uint8Array>; cancelled: () => boolean } {
  let cancelled = false;
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (cancelled) return;
      const piece = pieces[next++];
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
    cancel(): void {
      cancelled = true;
    },
  });
  return { body, cancelled: () => cancelled };
}

Deno.test("a body is read to its end, up to the limit", async () => {
  const { body } = stream(["12345", "67890"], 0);
  const bytes = await readBody(body, null, LIMITS, never);
  assert.equal(new TextDecoder().decode(bytes), "1234567890");
  assert.equal((await readBody(null, null, LIMITS, never)).length, 0);
});

Deno.test("a body may take longer than a pause, if something comes again and again", async () => {
  const { body } = stream(Array<string>(10).fill("x"), 150);
  const limits = { ...LIMITS, idleTime: 1000 };
  assert.equal((await readBody(body, "10", limits, never)).length, 10);
});

Deno.test("one byte more is refused at once, and the rest left to the server", async () => {
  const long = stream(["12345", "678901", "more"], 0);
  await assert.rejects(
    readBody(long.body, null, LIMITS, never),
    is("too-many-bytes"),
  );
  assert.equal(long.cancelled() || long.body.locked, false);
  const declared = stream(["1"], 0);
  await assert.rejects(
    readBody(declared.body, "11", LIMITS, never),
    is("too-many-bytes"),
  );
});

Deno.test("a pause that is too long, and drops without end, are too slow", async () => {
  const limits = { ...LIMITS, idleTime: 100, readTime: 300 };
  const silent = stream(["1"], 10_000);
  await assert.rejects(
    readBody(silent.body, null, limits, never),
    is("too-slow-body"),
  );
  assert.equal(silent.body.locked, false);
  await silent.body.cancel();
  const drops = stream(Array<string>(100).fill(""), 50);
  await assert.rejects(
    readBody(drops.body, null, limits, never),
    is("too-slow-body"),
  );
});

Deno.test("a client that leaves ends the reading", async () => {
  const leave = new AbortController();
  const { body } = stream(["1"], 10_000);
  const reading = readBody(body, null, LIMITS, leave.signal);
  leave.abort(new Error("gone"));
  await assert.rejects(reading, /gone/);
});

Deno.test("a client that leaves is told as that, also where its body breaks off first", async () => {
  const leave = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    pull(controller): void {
      controller.error(new Error("aborted"));
      leave.abort(new Error("gone"));
    },
  }, { highWaterMark: 0 });
  await assert.rejects(readBody(body, null, LIMITS, leave.signal), /gone/);
});

Deno.test("a body that is not as long as declared is never taken as complete", async () => {
  for (const declared of ["6", "4"]) {
    const { body } = stream(["123", "45"], 0);
    await assert.rejects(
      readBody(body, declared, LIMITS, never),
      is("invalid-request"),
    );
  }
  const { body } = stream(["123", "45"], 0);
  assert.equal((await readBody(body, "5", LIMITS, never)).length, 5);
  await assert.rejects(
    readBody(null, "5", LIMITS, never),
    is("invalid-request"),
  );
});

Deno.test("attack: a body of single bytes is refused, whatever its length", async () => {
  const bytes = (count: number, length: number): ReadableStream<Uint8Array> => {
    let left = count;
    return new ReadableStream({
      pull: (controller): void =>
        left-- > 0
          ? controller.enqueue(new Uint8Array(length))
          : controller.close(),
    });
  };
  const limits = { ...LIMITS, maxBytes: 10e6 };
  await assert.rejects(
    readBody(bytes(5000, 1), null, limits, never),
    is("invalid-request"),
  );
  const whole = await readBody(bytes(10_000, 100), null, limits, never);
  assert.equal(whole.length, 1_000_000);
});
