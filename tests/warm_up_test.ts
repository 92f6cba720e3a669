/** What is tried before the service is ready, and which models it says that it has. */
import assert from "node:assert/strict";
import { LimpidError } from "../lib/errors.ts";
import { TASKS } from "../lib/types.ts";
import { photo, post, withService } from "./service.ts";

interface Told {
  readonly id: string;
  readonly tried: boolean;
}

async function models(origin: string): Promise<readonly Told[]> {
  return (await (await fetch(`${origin}/models`)).json()).models;
}

async function status(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("warm-up: every model of the size runs, though no mask finds anything", async () => {
  const store = { blind: true, many: true };
  for (
    const [size, other] of [["fake", "large"], ["large", "fake"]] as const
  ) {
    const variables = { LIMPID_SIZE: size === "fake" ? "small" : "large" };
    await withService(({ lines }) => {
      const ready = lines.find(({ event }) => event === "engine-ready")!;
      const ids = ready["models"] as string[];
      assert.deepEqual(
        ids.toSorted(),
        ["fake-mask", ...TASKS.map((task) => `${size}-${task}`)].toSorted(),
      );
      assert.ok(!ids.includes(`${other}-rain`));
      return Promise.resolve();
    }, { store, variables });
  }
});

Deno.test("warm-up: with one restorer that does not work the service is not ready", async () => {
  for (const broken of TASKS) {
    await assert.rejects(
      withService(() => Promise.resolve(), { store: { blind: true, broken } }),
      { message: /not ready/ },
      broken,
    );
  }
});

Deno.test("models: those that requests may go through, and whether they ran", async () => {
  await withService(async ({ origin }) => {
    const before = await models(origin);
    assert.deepEqual(before.map(({ id }) => id), [
      "fake-mask",
      ...TASKS.map((task) => `fake-${task}`),
      ...TASKS.map((task) => `large-${task}`),
    ]);
    for (const { id, tried } of before) {
      assert.equal(tried, id.startsWith("fake"), id);
    }
    const ready = (id: string): Promise<number> =>
      status(`${origin}/v2/models/${id}/ready`);
    assert.equal(await ready("fake-haze"), 200);
    assert.equal(await ready("large-rain"), 503);
    // Another small model is before it, whatever is asked for.
    assert.equal(await ready("other-rain"), 404);
    assert.equal(await status(`${origin}/v2/models/other-rain`), 404);

    const url = `${origin}/restore?task=rain&size=large`;
    const answer = await post(url, photo);
    await answer.body?.cancel();
    assert.match(answer.headers.get("x-limpid-models")!, /large-rain=/);
    assert.equal(await ready("large-rain"), 200);
    assert.equal(await ready("large-haze"), 503);
  }, { store: { many: true }, variables: { LIMPID_SIZE: "small" } });
});

Deno.test("warm-up: offline the network is not asked, and what is missing is told", async () => {
  let asked = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen(): void {} },
    () => {
      asked++;
      return new Response("none", { status: 404 });
    },
  );
  const variables = {
    LIMPID_MODELS: `http://127.0.0.1:${server.addr.port}/models/`,
    LIMPID_OFFLINE: "1",
  };
  await assert.rejects(
    withService(() => Promise.resolve(), { variables }),
    ({ cause }: Error) =>
      cause instanceof LimpidError && cause.code === "model-missing" &&
      /the network is not used in offline mode/.test(cause.message),
  );
  assert.equal(asked, 0);
});
