import assert from "node:assert/strict";
import { piecesOf } from "./response_body.ts";
import { TransientError } from "./retry.ts";

const NEVER = new AbortController().signal;

async function taken(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ bytes: number[]; error: unknown }> {
  const bytes: number[] = [];
  try {
    for await (const piece of piecesOf(body, 50, NEVER)) bytes.push(...piece);
  } catch (error) {
    return { bytes, error };
  }
  return { bytes, error: null };
}

Deno.test("piecesOf: all of a body, and what came before a break", async () => {
  const whole = new Blob([Uint8Array.of(1, 2), Uint8Array.of(3)]).stream();
  assert.deepEqual(await taken(whole), { bytes: [1, 2, 3], error: null });
  let asked = 0;
  const cut = new ReadableStream({
    pull(controller): void {
      if (asked++ === 0) controller.enqueue(Uint8Array.of(1, 2));
      else controller.error(new Error("cut"));
    },
  });
  const { bytes, error } = await taken(cut);
  assert.deepEqual(bytes, [1, 2]);
  assert.ok(error instanceof TransientError);
  assert.equal(error.message, "the connection broke");
});

Deno.test("piecesOf: a server that sends nothing is given up, and told to stop", async () => {
  let cancelled = false;
  const silent = new ReadableStream({ cancel: () => void (cancelled = true) });
  const { error } = await taken(silent);
  assert.ok(error instanceof TransientError);
  assert.match(error.message, /sent nothing for 0\.05 s/);
  assert.ok(cancelled);
});
