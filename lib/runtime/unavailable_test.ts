import assert from "node:assert/strict";
import { unavailable } from "./unavailable.ts";

Deno.test("unavailable: a permission that is missing is named, with its flag", () => {
  assert.deepEqual(
    unavailable(
      "it does not start",
      new Error(
        'no backend found. ERR: [wasm] NotCapable: Requires read access to "/a b/x.wasm", run again with the --allow-read flag',
      ),
    ),
    {
      why: 'read access to "/a b/x.wasm" is not granted',
      remedy: "run Deno with --allow-read",
    },
  );
});

Deno.test("unavailable: any other error is quoted, its first line", () => {
  assert.deepEqual(
    unavailable("it does not start", new Error("no space left\n  at x")),
    {
      why: "it does not start (no space left)",
      remedy: "use another device",
    },
  );
});
