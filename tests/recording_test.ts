/** Recorded runs of real networks on a real adapter, beside their plain ones; without a Vulkan driver skipped, as webgpu_test.ts. */
import assert from "node:assert/strict";
import { DEVICE_TABLE } from "../lib/devices.ts";
import { channelsOf } from "../lib/models/manifest.ts";
import { BUILT_IN } from "../lib/models/location.ts";
import { openStore } from "../lib/models/store.ts";
import { pack } from "../lib/pixels/planes.ts";
import { openRuntime } from "../lib/runtime/onnx_runtime.ts";
import { photograph } from "./photographs.ts";

const adapter = await navigator.gpu?.requestAdapter() ?? null;
const required = Deno.env.get("LIMPID_REQUIRE")?.includes("webgpu") ?? false;

Deno.test({
  name: "webgpu: what is recorded gives what it gave, for each of two shapes",
  ignore: adapter === null && !required,
  fn: async () => {
    const runtime = await openRuntime({
      kind: "open",
      device: "webgpu",
      runtime: DEVICE_TABLE.webgpu.runtime,
      threads: 1,
      software: true,
      precision: "auto",
    }, () => {});
    assert.ok("load" in runtime);
    const store = await openStore(BUILT_IN);
    const model = store.models.find(({ kind, size }) =>
      kind === "mask" && size === "small"
    )!;
    const { network } = await runtime.load(
      model.id,
      await store.get(model.id),
      model,
    );
    const evidenceOf = async (
      width: number,
      height: number,
      seed: number,
    ): Promise<number[]> => {
      const { operations } = runtime;
      const image = operations.put(await pack(photograph(width, height, seed)));
      const canvas = await operations.open(image);
      const pass = { channels: channelsOf(model), kept: ["rain"] as const };
      await canvas.beginMasks({ tile: 128, halo: 0 }, pass);
      await canvas.maskTile({ line: 0, tile: 0 }, network);
      const [found] = await canvas.evidence();
      await canvas.close();
      operations.free(image);
      return [...found!.evidence, ...found!.attention];
    };
    const shapes = [[64, 64], [80, 64], [64, 96]] as const;
    for (const [recorded, [width, height]] of shapes.entries()) {
      const plain = [
        await evidenceOf(width, height, 1),
        await evidenceOf(width, height, 2),
      ];
      assert.notDeepEqual(plain[0], plain[1]);
      for (let run = 2; run < 12; run++) {
        const seed = run % 2;
        const found = await evidenceOf(width, height, seed + 1);
        found.forEach((value, i) =>
          assert.ok(Math.abs(value - plain[seed]![i]!) < 1e-3)
        );
        if (run >= 8) {
          assert.equal(network.unrecorded, null);
          assert.equal(network.recorded, Math.min(2, recorded + 1));
        }
      }
    }
    await network.release();
    assert.equal(network.recorded, 0);
  },
});
