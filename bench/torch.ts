/** PyTorch, where there is a Python that has it. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import type { TorchJob } from "./protocol.ts";

const SCRIPT = fileURLToPath(
  new URL("../models/training/benchmark.py", import.meta.url),
);

/** The system's own is tried too: others before it in PATH may lack its packages. */
const CANDIDATES = ["python3", "/usr/bin/python3"];

/**
 * A Python that can import what is needed; `null` where there is none.
 *
 * @param modules Their names, with commas.
 */
export async function pythonWith(
  modules: string,
  candidates: readonly string[] = CANDIDATES,
): Promise<string | null> {
  for (const candidate of candidates) {
    try {
      const { success } = await new Deno.Command(candidate, {
        args: ["-c", `import ${modules}`],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return candidate;
    } catch {
      // No such program.
    }
  }
  return null;
}

/** Starts PyTorch on the networks. */
export function torchChild(python: string, job: TorchJob): Child {
  return new Child(python, [SCRIPT, JSON.stringify(job)]);
}
