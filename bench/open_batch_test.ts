import assert from "node:assert/strict";
import { openStore } from "../lib/models/store.ts";
import { openBackend } from "../lib/runtime/open_backend.ts";
import { noise } from "../tests/tiny_onnx.ts";
import { openBatch } from "./open_batch.ts";

Deno.test("openBatch: two tiles in one run come out as each by itself", async () => {
  const store = await openStore();
  const { id, graph } = store.find({ kind: "restore", task: "rain" });
  const file = await openBatch(await store.get(id), ["image", "mask"]);
  await using backend = await openBackend({ device: "wasm" });
  const session = await backend.load(id, file, { graph });
  const [side, thumb] = [32, 128];
  const area = side * side;
  const images = noise(2 * 3 * area, 1, 3);
  const masks = noise(2 * area, 1, 4);
  const run = async (from: number, to: number): Promise<Float32Array> => {
    const { restored } = await session.run({
      image: {
        data: images.slice(from * 3 * area, to * 3 * area),
        dims: [to - from, 3, side, side],
      },
      mask: {
        data: masks.slice(from * area, to * area),
        dims: [to - from, 1, side, side],
      },
      thumb: {
        data: noise(3 * thumb * thumb, 1, 5),
        dims: [1, 3, thumb, thumb],
      },
      thumb_mask: {
        data: noise(thumb * thumb, 1, 6),
        dims: [1, 1, thumb, thumb],
      },
    });
    return restored!.data;
  };
  const both = await run(0, 2);
  const alone = [...await run(0, 1), ...await run(1, 2)];
  assert.equal(both.length, 2 * 3 * area);
  alone.forEach((value, i) =>
    assert.ok(Math.abs(value - both[i]!) < 1e-5, `${i}: ${value}, ${both[i]}`)
  );
});
