/** Clients that do not take their answers. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PROTOCOLS } from "../lib/http/listen/listen.ts";
import { delay } from "./delay.ts";
import { padded } from "./images.ts";
import { cleanPhoto, photo, post, withService } from "./service.ts";

const PROGRAM = fileURLToPath(new URL("./stalled_answers.ts", import.meta.url));

for (const protocol of PROTOCOLS) {
  Deno.test(`attack: stalled clients leave nothing in memory and on standard error (${protocol})`, async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "-P=test",
        "--v8-flags=--expose-gc",
        PROGRAM,
        protocol,
      ],
      signal: AbortSignal.timeout(120_000),
    }).output();
    const text = new TextDecoder();
    assert.equal(text.decode(stderr), "");
    const { givenUp, more } = JSON.parse(text.decode(stdout));
    assert.equal(givenUp, 8);
    // Less than one of the eight answers.
    assert.ok(more < 8e6, `${more} bytes are held`);
  });
}

Deno.test("attack: clients that read slowly hold only so much, and others are served", async () => {
  await withService(async ({ origin, port, service, lines }) => {
    const image = padded(cleanPhoto, 8_000_000);
    const head = new TextEncoder().encode(
      `POST /restore HTTP/1.1\r\nHost: x\r\nContent-Length: ${image.length}\r\n\r\n`,
    );
    const slow: Deno.TcpConn[] = [];
    let most = 0;
    for (let i = 0; i < 6; i++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      slow.push(connection);
      for (let part of [head, image]) {
        while (part.length > 0) {
          part = part.subarray(await connection.write(part));
        }
      }
      await connection.read(new Uint8Array(1000));
      most = Math.max(most, service.answers.bytes);
      await delay(1100);
    }
    assert.ok(most <= 20e6, `${most} bytes`);
    const served = await post(`${origin}/restore`, image);
    assert.equal((await served.bytes()).length, image.length);
    const damaged = await post(`${origin}/restore`, photo);
    assert.equal(damaged.headers.get("x-limpid-task"), "rain");
    await damaged.body?.cancel();
    const why = lines.filter(({ event }) => event === "answer-given-up")
      .map(({ why }) => why);
    assert.ok(why.length >= 4 && why.every((w) => w === "slowest"), `${why}`);
    for (const connection of slow) connection.close();
  }, { variables: { LIMPID_ANSWER_BYTES: "20000000" } });
});
