/** PyTorch, where there is a Python that has it. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import type { TorchJob } from "./protocol.ts";

const SCRIPT = fileURLToPath(
  new URL("../models/training/benchmark.py", import.meta.url),
);

/** The system's own is tried too: others before it in PATH may lack its packages. */
const CANDIDATES = ["python3", "/usr/bin/python3"];

/** A Python that can import what the training needs; `null` where there is none. */
export async function pythonWithTorch(): Promise<string | null> {
  for (const candidate of CANDIDATES) {
    try {
      const { success } = await new Deno.Command(candidate, {
        args: ["-c", "import torch, onnx"],
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
