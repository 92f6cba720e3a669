import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { randomBytes } from "../../tests/model_files.ts";
import { streamBody } from "./intake.ts";
import { TransientError } from "./retry.ts";
import type { FileCursor } from "./partial_file.ts";

/** Small and large by turns, as servers send them: more than one buffer holds, and less. */
const LENGTHS = [1, 200_000, 0, 5, 700_000, 130_000, 131_072, 40_000, 2 ** 20];
const BYTES = randomBytes(LENGTHS.reduce((a, b) => a + b));
const PIECES = LENGTHS.map((length, i) => {
  const at = LENGTHS.slice(0, i).reduce((a, b) => a + b, 0);
  return BYTES.slice(at, at + length);
}).filter(({ length }) => length > 0);

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

/** @param type `bytes`: read into the reader's memory; absent: pieces of their own. */
function bodyOf(
  type: "bytes" | undefined,
  pieces: readonly Uint8Array<ArrayBuffer>[],
  end: (controller: { close(): void; error(reason: unknown): void }) => void,
): Body {
  const left = pieces.map((piece) => piece.slice());
  const pull = (
    controller: ReadableByteStreamController | ReadableStreamDefaultController,
  ): void => {
    const piece = left.shift();
    if (piece !== undefined) controller.enqueue(piece);
    else {
      end(controller);
      (controller as Partial<ReadableByteStreamController>).byobRequest
        ?.respond(0);
    }
  };
  return type === undefined
    ? new ReadableStream<Uint8Array<ArrayBuffer>>({ pull })
    : new ReadableStream({ type, pull });
}

/** A slow disk, which keeps what the memory held when it was written, not when it was asked to. */
class SlowPlace implements FileCursor {
  readonly written: Uint8Array<ArrayBuffer>[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    await new Promise((done) => setTimeout(done, 2));
    this.written.push(bytes.slice());
  }

  close(): void {}

  get bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Blob(this.written).bytes();
  }
}

async function taken(
  body: Body,
): Promise<
  { place: SlowPlace; digest: string; stored: number; error?: unknown }
> {
  const place = new SlowPlace();
  const hash = createHash("sha256");
  let stored = 0;
  let error: unknown;
  try {
    await streamBody(body, hash, place, 10_000, new AbortController().signal, {
      received: () => {},
      stored: (bytes) => stored += bytes,
    });
  } catch (thrown) {
    error = thrown;
  }
  return { place, digest: hash.digest("hex"), stored, error };
}

for (const type of ["bytes", undefined] as const) {
  const name = `takeIn: pieces of any length, ${
    type === "bytes" ? "read into memory again and again" : "each in its own"
  }`;
  Deno.test(name, async () => {
    const body = bodyOf(type, PIECES, (controller) => controller.close());
    const { place, digest, stored, error } = await taken(body);
    assert.equal(error, undefined);
    assert.ok(Buffer.from(await place.bytes).equals(BYTES));
    assert.equal(digest, createHash("sha256").update(BYTES).digest("hex"));
    assert.equal(stored, BYTES.length);
  });

  Deno.test(`${name}: what came before a break is kept`, async () => {
    for (const count of PIECES.keys()) {
      const body = bodyOf(
        type,
        PIECES.slice(0, count),
        (controller) => controller.error(new Error("cut")),
      );
      const { place, stored, error } = await taken(body);
      assert.ok(error instanceof TransientError);
      const bytes = await place.bytes;
      assert.equal(stored, bytes.length);
      assert.ok(Buffer.from(bytes).equals(BYTES.subarray(0, bytes.length)));
      const whole = PIECES.slice(0, count).reduce((n, p) => n + p.length, 0);
      assert.equal(bytes.length, whole);
    }
  });
}

Deno.test("takeIn: large pieces are written as they come, small ones together", async () => {
  const small = Array.from({ length: 100 }, () => new Uint8Array(10_000));
  const together = bodyOf("bytes", small, (c) => c.close());
  assert.equal((await taken(together)).place.written.length, 2);
  const large = Array.from({ length: 3 }, () => new Uint8Array(300_000));
  const each = (await taken(bodyOf("bytes", large, (c) => c.close()))).place;
  assert.deepEqual(each.written.map(({ length }) => length), [
    300_000,
    300_000,
    300_000,
  ]);
});
