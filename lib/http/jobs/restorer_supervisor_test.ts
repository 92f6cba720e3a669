import assert from "node:assert/strict";
import { RestorerSupervisor } from "./restorer_supervisor.ts";

Deno.test("RestorerSupervisor: one that is closed before its device is open fails nothing", async () => {
  const told: string[] = [];
  const supervisor = new RestorerSupervisor({}, (event) => told.push(event));
  await supervisor[Symbol.asyncDispose]();
  assert.deepEqual(told, []);
  assert.equal(supervisor.status.ready, false);
});
