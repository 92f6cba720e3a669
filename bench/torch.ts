/** Finds and starts a Python with PyTorch. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import type { TorchJob } from "./protocol.ts";

const SCRIPT = fileURLToPath(
  new URL("../models/training/benchmark.py", import.meta.url),
);

/**
 * The system's Python, too: another one before it in PATH may lack packages.
 */
const CANDIDATES = ["python3", "/usr/bin/python3"];

/**
 * Finds a Python that can import some modules; `null` where there is none.
 *
 * @param modules The modules' names, separated by commas.
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
      // The program does not exist.
    }
  }
  return null;
}

/** Starts PyTorch on the networks. */
export function torchChild(python: string, job: TorchJob): Child {
  return new Child(python, [SCRIPT, JSON.stringify(job)]);
}
