import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readInput } from "./read_input.ts";
import type { Input } from "../types.ts";

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);
const LIMITS = { maxPixels: 100, maxBytes: 5 };

function stream(...chunks: unknown[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
}

async function read(
  input: unknown,
  limits = LIMITS,
  signal: AbortSignal | null = null,
): Promise<unknown> {
  return await readInput(input as Input, limits, { signal });
}

Deno.test("bytes in every form are the same bytes", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, BYTES);
  for (
    const input of [
      BYTES,
      BYTES.slice().buffer,
      new Blob([BYTES]),
      stream(BYTES.subarray(0, 2), BYTES.subarray(2)),
      new Response(BYTES),
      new URL(`file://${file}`),
      new URL("data:;base64,AQIDBAU="),
    ]
  ) {
    assert.deepEqual(await read(input), BYTES);
  }
  await Deno.remove(file);
});

Deno.test("bytes are copied, those of a Buffer of Node too", async () => {
  for (
    const input of [Buffer.from(BYTES), BYTES.slice(), BYTES.slice().buffer]
  ) {
    const bytes = await read(input);
    new Uint8Array(
      input instanceof ArrayBuffer ? input : input.buffer,
      input instanceof ArrayBuffer ? 0 : input.byteOffset,
      BYTES.length,
    ).fill(0);
    assert.deepEqual(bytes, BYTES);
  }
});

Deno.test("an empty body is no bytes", async () => {
  assert.deepEqual(await read(new Response(null)), new Uint8Array());
});

Deno.test("more bytes than the limit are refused, and the rest is not read", async () => {
  const limits = { maxPixels: 100, maxBytes: 4 };
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller): void {
      pulled++;
      controller.enqueue(new Uint8Array(3));
    },
    cancel(): void {
      cancelled = true;
    },
  });
  for (const input of [BYTES, new Blob([BYTES]), stream(BYTES), endless]) {
    await assert.rejects(read(input, limits), {
      code: "too-many-bytes",
      message:
        "The input is longer than 4 bytes; use a smaller file, or raise maxBytes (--max-bytes).",
    });
  }
  assert.ok(pulled < 5 && cancelled);
});

Deno.test("pixels are checked", async () => {
  const raster = { width: 2, height: 1, data: new Uint8Array(8) };
  assert.deepEqual(await read(raster), raster);
  const data = new Uint8Array(400 * 4);
  await assert.rejects(read({ width: 20, height: 20, data }), {
    code: "too-many-pixels",
  });
  for (
    const input of [
      { width: 2, height: 2, data: new Uint8Array(8) },
      { width: -2, height: -1, data: new Uint8Array(8) },
      { width: 0, height: 0, data: new Uint8Array() },
      { width: 2, height: 1, data: new Uint16Array(8) },
      7,
      null,
      undefined,
    ]
  ) {
    await assert.rejects(read(input), { code: "invalid-option" });
  }
});

Deno.test("what is not there is told apart from what cannot be read", async () => {
  await assert.rejects(read("nowhere/photo.jpg"), { code: "not-found" });
  await assert.rejects(read(new URL("file:///nowhere/photo.jpg")), {
    code: "not-found",
    message:
      "The input file:///nowhere/photo.jpg cannot be read; there is no such file.",
  });
  await assert.rejects(read(new Response("", { status: 404 })), {
    code: "not-found",
  });
  await assert.rejects(read(new Response("", { status: 500 })), {
    code: "unreadable",
  });
  await assert.rejects(read(new URL("http://localhost:1/x?key=secret")), {
    code: "unreadable",
    message: /localhost:1\/x cannot/,
  });
  const used = new Response(BYTES);
  await used.bytes();
  await assert.rejects(read(used), { code: "unreadable" });
  await assert.rejects(read(stream("text")), { code: "unreadable" });
  const locked = stream(BYTES);
  locked.getReader();
  await assert.rejects(read(locked), { code: "unreadable" });
});

Deno.test("a stream that breaks off is an error of its own", async () => {
  const broken = new ReadableStream({
    pull(): void {
      throw new Error("connection reset");
    },
  });
  await assert.rejects(read(broken), { code: "unreadable" });
});

Deno.test("a signal stops the opening of a pipe that nobody writes to", async () => {
  const folder = await Deno.makeTempDir();
  const pipe = `${folder}/pipe`;
  const { success } = await new Deno.Command("mkfifo", { args: [pipe] })
    .output();
  assert.ok(success);
  try {
    const controller = new AbortController();
    const reading = read(pipe, LIMITS, controller.signal);
    controller.abort();
    await assert.rejects(reading, { code: "aborted" });
  } finally {
    // Lets the opening end.
    (await Deno.open(pipe, { read: true, write: true })).close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a signal stops a read that waits", async () => {
  const controller = new AbortController();
  const silent = new ReadableStream<Uint8Array>();
  const reading = read(silent, LIMITS, controller.signal);
  controller.abort();
  await assert.rejects(reading, { code: "aborted" });
  await assert.rejects(read(BYTES, LIMITS, controller.signal), {
    code: "aborted",
  });
});
