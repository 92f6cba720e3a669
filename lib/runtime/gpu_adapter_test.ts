import assert from "node:assert/strict";
import { isSoftware } from "./gpu_adapter.ts";

Deno.test("isSoftware: software renderers are known by flag or by name", () => {
  const cases: [string, boolean | undefined, boolean][] = [
    ["llvmpipe (LLVM 15.0.6, 256 bits)", undefined, true],
    ["SwiftShader Device (LLVM 10.0.0)", false, true],
    ["Microsoft Basic Render Driver", false, true],
    ["anything", true, true],
    ["NVIDIA H100 80GB HBM3", false, false],
    ["AMD Radeon RX 6800 (RADV NAVI21)", undefined, false],
    ["Intel(R) Iris(R) Xe Graphics (TGL GT2)", false, false],
    ["Apple M2", undefined, false],
    ["", undefined, false],
  ];
  for (const [description, isFallbackAdapter, software] of cases) {
    const info = isFallbackAdapter === undefined
      ? { description }
      : { description, isFallbackAdapter };
    assert.equal(isSoftware(info), software, description);
  }
});
