/** Describes the machine that figures were measured on. */
import { cpus } from "node:os";
import type { Report } from "./report.ts";

/** This machine, as far as known. */
export function machine(): Report["machine"] {
  return {
    processor: cpus()[0]?.model.trim() || Deno.build.arch,
    threads: navigator.hardwareConcurrency,
    system: Deno.build.target,
    deno: Deno.version.deno,
  };
}
