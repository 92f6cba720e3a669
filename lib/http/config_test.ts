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
  const images =
    environmentConfig((name) =>
      name === "LIMPID_MIN_CONFIDENCE" ? "0.9" : undefined
    ).image;
  assert.deepEqual(images, { minConfidence: 0.9 });
  const plain = environmentConfig(() => undefined);
  assert.deepEqual(plain.image, {});
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

Deno.test("settings: a number that the library refuses is told at once, by the variable's name and in its unit", () => {
  for (
    const [name, value, must] of [
      ["LIMPID_MAX_MEMORY", "0", "a number from 1 to 1073741824"],
      ["LIMPID_MIN_CONFIDENCE", "75", "a number from 0 to 1"],
      ["LIMPID_TILE", "100", "a multiple of 16 from 64 to 4096"],
      ["LIMPID_HALO", "-16", "a multiple of 16 from 0 to 256"],
      ["LIMPID_MAX_PIXELS", "0.5", "a whole number from 1 to 268435456"],
    ] as const
  ) {
    assert.throws(
      () => environmentConfig((n) => n === name ? value : undefined),
      {
        code: "invalid-option",
        message: `${name} must be ${must}, not ${value}.`,
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
