/** Runs the training system's own tests, where there is a Python that has PyTorch. */
import assert from "node:assert/strict";

const required = (Deno.env.get("LIMPID_REQUIRE") ?? "").split(",")
  .includes("training");
const python = await pythonWithTorch();

Deno.test({
  name: "training: synthesis, both stages, evaluation and export",
  ignore: python === null && !required,
  async fn(): Promise<void> {
    assert.ok(python, "no python3 here can import torch, numpy and PIL");
    const script = new URL("../models/training/smoke_test.py", import.meta.url);
    const { code } = await new Deno.Command(python, {
      args: [script.pathname],
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    assert.equal(code, 0);
  },
});

/** The system's own is tried too: others before it in PATH may lack its packages. */
async function pythonWithTorch(): Promise<string | null> {
  const named = Deno.env.get("LIMPID_PYTHON");
  for (const candidate of named ? [named] : ["python3", "/usr/bin/python3"]) {
    try {
      const { success } = await new Deno.Command(candidate, {
        args: ["-c", "import torch, numpy, PIL"],
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
