import assert from "node:assert/strict";
import { checkVariables } from "./unknown_variables.ts";

const KNOWN = [
  () => Promise.resolve(["LIMPID_SIZE", "LIMPID_MASK_OUT"]),
  () => Promise.resolve(["LIMPID_PORT"]),
];

Deno.test("a variable that stands for nothing is told, with what was meant", async () => {
  await checkVariables(
    ["HOME", "LIMPID_SIZE", "LIMPID_CWD", "LIMPIDITY"],
    KNOWN,
  );
  await checkVariables(["LIMPID_SIZE"], [KNOWN[0]!, () => {
    throw new Error("asked without need");
  }]);
  for (const name of ["LIMPID_SZIE", "LIMPID_SIZES"]) {
    await assert.rejects(checkVariables(["HOME", name], KNOWN), {
      code: "invalid-option",
      message: new RegExp(
        `no variable ${name} \\(did you mean LIMPID_SIZE\\?\\)`,
      ),
    });
  }
  await assert.rejects(checkVariables(["LIMPID_"], KNOWN));
});

Deno.test("what Kubernetes sets for a service of that name is let be", async () => {
  const service = [
    "LIMPID_SERVICE_HOST",
    "LIMPID_SERVICE_PORT_HTTP",
    "LIMPID_PORT_80_TCP_ADDR",
    "LIMPID_WEB_SERVICE_HOST",
    "LIMPID_WEB_PORT",
  ];
  await checkVariables(service, KNOWN);
  await assert.rejects(checkVariables(["LIMPID_WEB_PORT"], KNOWN));
});
