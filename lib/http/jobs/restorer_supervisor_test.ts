import assert from "node:assert/strict";
import { join } from "node:path";
import { RestorerSupervisor } from "./restorer_supervisor.ts";

Deno.test("RestorerSupervisor: one that is closed before its device is open fails nothing", async () => {
  const told: string[] = [];
  const supervisor = new RestorerSupervisor({}, (event) => told.push(event));
  await supervisor[Symbol.asyncDispose]();
  assert.deepEqual(told, []);
  assert.equal(supervisor.status.ready, false);
});

Deno.test("RestorerSupervisor: an engine that fails is tried again in ten seconds, one whose model is damaged in a minute", async () => {
  const folder = await Deno.makeTempDir();
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  globalThis.setTimeout = ((_: () => void, ms: number) => {
    delays.push(ms);
    return 0;
  }) as unknown as typeof setTimeout;
  /** Which error an engine with these models fails with, when nobody closes it. */
  const failureOf = async (models: string): Promise<unknown> => {
    const failed = Promise.withResolvers<unknown>();
    new RestorerSupervisor(
      { models },
      (_, { code }) => failed.resolve(code),
    );
    return await failed.promise;
  };
  try {
    await Deno.writeTextFile(join(folder, "manifest.json"), "no manifest");
    assert.equal(await failureOf(folder), "model-corrupt");
    assert.equal(await failureOf(join(folder, "none")), "model-missing");
    assert.deepEqual(delays, [60_000, 10_000]);
  } finally {
    globalThis.setTimeout = setTimeout;
    await Deno.remove(folder, { recursive: true });
  }
});
