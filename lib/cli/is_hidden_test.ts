import assert from "node:assert/strict";
import { isHidden } from "./is_hidden.ts";

Deno.test("isHidden: dots, and what systems keep on a disk", () => {
  for (
    const name of [
      "._IMG_1.JPG",
      ".Trashes",
      "$RECYCLE.BIN",
      "$Recycle.Bin",
      "System Volume Information",
      "lost+found",
      "@eaDir",
    ]
  ) assert.ok(isHidden(name), name);
  for (const name of ["DCIM", "$R1.png", "lost", "found.jpg"]) {
    assert.ok(!isHidden(name), name);
  }
});
