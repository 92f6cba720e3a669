import assert from "node:assert/strict";
import { COMMANDS } from "./cli/main.ts";
import { variable } from "./flags/parse_flags.ts";
import { SETTINGS } from "./http/config.ts";
import { checkVariables, FLAG_VARIABLES } from "./variables.ts";

Deno.test("every flag's variable is known, and no other", () => {
  const flags = new Set(Object.keys(SETTINGS));
  for (const { help } of COMMANDS) {
    for (const [, flag] of help.matchAll(/^ +(?:-\w, )?--([a-z\d-]+)/gm)) {
      flags.add(flag!);
    }
  }
  assert.deepEqual([...flags].map(variable).sort(), FLAG_VARIABLES.toSorted());
});

Deno.test("a variable that stands for nothing is told, with what was meant", () => {
  checkVariables(["HOME", "LIMPID_SIZE", "LIMPID_CWD", "LIMPIDITY"]);
  for (
    const [name, meant] of [
      ["LIMPID_SZIE", "LIMPID_SIZE"],
      ["LIMPID_TOKEN", "LIMPID_TOKENS"],
      ["LIMPID_CACHEDIR", "LIMPID_CACHE_DIR"],
      ["LIMPID_size", "LIMPID_SIZE"],
    ]
  ) {
    assert.throws(() => checkVariables(["HOME", name!]), {
      code: "invalid-option",
      message: new RegExp(`no variable ${name} \\(did you mean ${meant}\\?\\)`),
    });
  }
  assert.throws(() => checkVariables(["LIMPID_"]));
  // A name can be as long as it likes.
  assert.throws(
    () => checkVariables(["LIMPID_" + "X".repeat(100_000)]),
    ({ message }: Error) => message.length < 200,
  );
});

Deno.test("what Kubernetes sets for a service of that name is let be", () => {
  checkVariables([
    "LIMPID_SERVICE_HOST",
    "LIMPID_SERVICE_PORT_HTTP",
    "LIMPID_PORT_80_TCP_ADDR",
    "LIMPID_WEB_SERVICE_HOST",
    "LIMPID_WEB_PORT",
  ]);
  assert.throws(() => checkVariables(["LIMPID_WEB_PORT"]));
});
