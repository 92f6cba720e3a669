import assert from "node:assert/strict";
import { environmentConfig, publicConfig } from "./config.ts";

Deno.test("settings: what a restorer is made with can be set", () => {
  const set: Record<string, string> = {
    LIMPID_SIZE: "small",
    LIMPID_OFFLINE: "yes",
    LIMPID_MAX_MEMORY: "1.5",
  };
  const { restorer } = environmentConfig((name) => set[name]);
  assert.deepEqual([restorer.size, restorer.offline, restorer.maxMemory], [
    "small",
    true,
    1.5 * 2 ** 20,
  ]);
  const plain = environmentConfig(() => undefined);
  assert.deepEqual([plain.restorer.size, plain.restorer.offline], [
    "auto",
    false,
  ]);
  assert.equal(plain.restorer.maxMemory, undefined);
  const told = publicConfig(plain)["restorer"] as Record<string, unknown>;
  assert.equal(told["size"], "auto");
});

Deno.test("settings: what cannot be is named", () => {
  for (
    const [name, value] of [
      ["LIMPID_SIZE", "medium"],
      ["LIMPID_OFFLINE", "maybe"],

      ["LIMPID_MAX_MEMORY", "much"],
    ] as const
  ) {
    assert.throws(
      () => environmentConfig((n) => n === name ? value : undefined),
      { code: "invalid-option", message: new RegExp(`^${name} must be`) },
    );
  }
});

Deno.test("settings: what the library refuses is told at once", () => {
  for (
    const [name, value, option] of [
      ["LIMPID_MAX_MEMORY", "0", "maxMemory"],
      ["LIMPID_TILE", "100", "tile"],
    ] as const
  ) {
    assert.throws(
      () => environmentConfig((n) => n === name ? value : undefined),
      {
        code: "invalid-option",
        message: new RegExp(`^The option ${option} is ${value};`),
      },
    );
  }
});

Deno.test("a port that is an address is told to be Kubernetes'", () => {
  const environment = { LIMPID_PORT: "tcp://10.0.0.1:80" };
  assert.throws(
    () => environmentConfig((name) => environment[name as "LIMPID_PORT"]),
    {
      code: "invalid-option",
      message:
        /^LIMPID_PORT is an address, as Kubernetes sets it .*enableServiceLinks/,
    },
  );
});
