/**
 * Clients take the beginning of their answers and no more until they are given
 * up: prints by how many bytes the process holds more afterwards than before.
 * A process of its own, with `--expose-gc`: `stalled_answers.ts PROTOCOL`.
 */
import http2 from "node:http2";
import { delay } from "./delay.ts";
import { padded } from "./images.ts";
import { cleanPhoto, type Running, withService } from "./service.ts";

const { gc } = globalThis as unknown as { gc(): void };
const [protocol] = Deno.args as [string];
const CLIENTS = 8;
/** It comes back as it came. */
const image = padded(cleanPhoto, 8_000_000);

/** Bytes that are not V8's own: buffers. */
async function held(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    gc();
    await delay(100);
  }
  return Deno.memoryUsage().external;
}

/** Begins to take an answer over HTTP/1.1, and returns how to leave. */
async function stallHttp1({ port }: Running): Promise<() => void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = new TextEncoder().encode(
    `POST /restore HTTP/1.1\r\nHost: x\r\nContent-Length: ${image.length}\r\n\r\n`,
  );
  for (let part of [head, image]) {
    while (part.length > 0) part = part.subarray(await connection.write(part));
  }
  await connection.read(new Uint8Array(1000));
  return () => connection.close();
}

/** The same over HTTP/2. */
async function stallHttp2({ origin }: Running): Promise<() => void> {
  const client = http2.connect(origin);
  client.on("error", () => {});
  const stream = client.request({ ":method": "POST", ":path": "/restore" });
  stream.on("error", () => {});
  stream.end(image);
  await new Promise((resolve) => stream.once("response", resolve));
  return () => client.destroy();
}

await withService(async (running) => {
  const { service: { answers }, lines } = running;
  const before = await held();
  for (let i = 0; i < CLIENTS; i++) {
    const leave = await (protocol === "h2c" ? stallHttp2 : stallHttp1)(running);
    for (let k = 0; k < 400 && answers.bytes > 0; k++) await delay(25);
    leave();
  }
  const givenUp = lines.filter(({ event }) => event === "answer-given-up");
  const more = await held() - before;
  console.log(JSON.stringify({ givenUp: givenUp.length, more }));
  Deno.exit(0);
}, { variables: { LIMPID_PROTOCOL: protocol, LIMPID_WRITE_TIME: "0.5" } });
