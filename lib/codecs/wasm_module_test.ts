import assert from "node:assert/strict";
import { LimpidError } from "../errors.ts";
import { type Codec, instantiate, withCodec } from "./wasm_module.ts";

function counting(): { made: number; create: () => Promise<Codec<number>> } {
  const counter = {
    made: 0,
    create: (): Promise<Codec<number>> =>
      Promise.resolve({
        api: ++counter.made,
        memory: new WebAssembly.Memory({ initial: 1 }),
      }),
  };
  return counter;
}

Deno.test("an instance is used again", async () => {
  const counter = counting();
  const job = ({ api }: Codec<number>): number => api;
  assert.equal(await withCodec("again", counter.create, job), 1);
  assert.equal(await withCodec("again", counter.create, job), 1);
});

Deno.test("an instance whose job threw is not used again", async () => {
  const counter = counting();
  await assert.rejects(withCodec("thrown", counter.create, () => {
    throw new Error("trap");
  }));
  assert.equal(await withCodec("thrown", counter.create, ({ api }) => api), 2);
});

Deno.test("an instance that has grown large is given back", async () => {
  const counter = counting();
  // 513 MiB, of which no page is touched.
  await withCodec(
    "large",
    counter.create,
    ({ memory }) => memory.grow(513 * 16),
  );
  assert.equal(await withCodec("large", counter.create, ({ api }) => api), 2);
});

Deno.test("a codec that is not to be had is named", async () => {
  await assert.rejects(
    instantiate("npm:imagescript@1.3.1/wasm/any/none.wasm"),
    (error) =>
      error instanceof LimpidError && error.code === "codec-failed" &&
      error.message.includes("none.wasm"),
  );
});
