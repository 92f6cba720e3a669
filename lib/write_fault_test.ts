import assert from "node:assert/strict";
import { faultReason, unwritable } from "./write_fault.ts";

Deno.test("what Windows refuses is told as what it is", () => {
  const fault = (code: string, message: string): Error =>
    Object.assign(new Error(message), { code });
  const name = fault("ENOENT", "The filename is incorrect. (os error 123)");
  assert.equal(
    unwritable("a?.png", name).message,
    "a?.png cannot be written; Windows allows no such name.",
  );
  const missing = fault("ENOENT", "The path was not found. (os error 3)");
  assert.match(unwritable("x/a.png", missing).message, /folder does not exist/);
  const open = fault("EBUSY", "Another process is using it. (os error 32)");
  assert.match(faultReason(open, "check it"), /^another program uses it/);
});

Deno.test("a file that is mounted cannot be replaced, which is told as such", () => {
  const busy = Object.assign(new Error("busy (os error 16)"), {
    code: "EBUSY",
  });
  assert.equal(
    unwritable("a.png", busy).message,
    "a.png cannot be written; another program uses it, or it is mounted.",
  );
});
