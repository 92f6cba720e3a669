import assert from "node:assert/strict";
import { pacedBody } from "./paced_body.ts";

Deno.test("pacedBody: a client that takes its answer gets all of it", async () => {
  const bytes = new Uint8Array(600_000).map((_, i) => i % 251);
  const got = await new Response(pacedBody(bytes, 10_000)).bytes();
  assert.deepEqual(got, bytes);
});

Deno.test("pacedBody: one that takes nothing for some time gets no more", async () => {
  const reader = pacedBody(new Uint8Array(600_000), 20).getReader();
  assert.equal((await reader.read()).value?.length, 2 ** 18);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await assert.rejects(reader.read(), /does not take its answer/);
});
