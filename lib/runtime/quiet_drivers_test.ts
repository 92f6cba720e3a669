import assert from "node:assert/strict";
import { quietDrivers } from "./quiet_drivers.ts";

Deno.test(
  "drivers find a folder named where there is none, and one that is set stays",
  {
    ignore: Deno.build.os !== "linux",
  },
  () => {
    const before = Deno.env.get("XDG_RUNTIME_DIR");
    try {
      Deno.env.delete("XDG_RUNTIME_DIR");
      quietDrivers();
      assert.equal(Deno.env.get("XDG_RUNTIME_DIR"), "/nonexistent");
      Deno.env.set("XDG_RUNTIME_DIR", "/run/user/1");
      quietDrivers();
      assert.equal(Deno.env.get("XDG_RUNTIME_DIR"), "/run/user/1");
    } finally {
      if (before === undefined) Deno.env.delete("XDG_RUNTIME_DIR");
      else Deno.env.set("XDG_RUNTIME_DIR", before);
    }
  },
);
