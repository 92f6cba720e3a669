/** With the real runtimes; WebGPU has tests/webgpu_test.ts. */
import assert from "node:assert/strict";
import { noise, tinyNetwork, writeOnnx } from "../../tests/tiny_onnx.ts";
import type { Tensor } from "./backend.ts";
import { openBackend } from "./open_backend.ts";

const NAMES = { inputs: ["image"], outputs: ["restored"] };

function image(height: number, width: number): Record<string, Tensor> {
  const dims = [1, 3, height, width];
  return { image: { data: noise(3 * height * width), dims } };
}

Deno.test("openBackend: options out of range are refused", async () => {
  const wrong = [
    { device: "tpu" },
    { threads: 0 },
    { threads: 1.5 },
    { precision: "fp8" },
  ];
  for (const options of wrong) {
    await assert.rejects(openBackend(options as { threads: number }), {
      name: "LimpidError",
      code: "invalid-option",
    });
  }
});

for (const device of ["cpu", "wasm"] as const) {
  Deno.test(`${device}: loads, runs at any size, and survives mistakes`, async () => {
    await using backend = await openBackend({ device, threads: 1 });
    assert.equal(backend.device, device);
    assert.match(backend.reason, new RegExp(`^Running on ${device}.*asked`));

    const session = await backend.load("tiny", tinyNetwork(), { graph: NAMES });
    for (const [height, width] of [[64, 64], [16, 48], [1, 1]] as const) {
      const { restored } = await session.run(image(height, width));
      assert.deepEqual(restored?.dims, [1, 3, height, width]);
      assert.equal(restored.data.length, 3 * height * width);
      assert.ok(restored.data.every((v) => v > 0 && v < 1));
    }

    // Given away, not copied.
    const feeds = image(8, 8);
    const { restored } = await session.run(feeds);
    assert.equal(feeds["image"]?.data.length, 0);
    const again = await session.run(image(8, 8));
    assert.deepEqual(again["restored"], restored);

    const failed = { code: "device-failed", message: /^The model tiny failed/ };
    await assert.rejects(session.run({}), failed);
    const { image: { data } } = image(8, 8) as { image: Tensor };
    await assert.rejects(
      session.run({ image: { data, dims: [1, 3, 9, 9] } }),
      failed,
    );
    assert.ok((await session.run(image(8, 8)))["restored"]);
  });

  Deno.test(`${device}: models that are not what they should be`, async () => {
    await using backend = await openBackend({ device, threads: 1 });
    await assert.rejects(backend.load("junk", new Uint8Array(100)), {
      code: "model-corrupt",
      message: /^The model junk does not load \(.*\); fetch it again\.$/,
    });
    await assert.rejects(
      backend.load("other", tinyNetwork(), {
        graph: { ...NAMES, inputs: ["thumb"] },
      }),
      {
        code: "model-corrupt",
        message:
          "The model other has the inputs image, its manifest declares thumb; use the two that belong together.",
      },
    );
    const session = await backend.load("tiny", tinyNetwork(), { graph: NAMES });
    assert.ok((await session.run(image(8, 8)))["restored"]);
  });
}

Deno.test("cpu and wasm agree", async () => {
  const results: Tensor[] = [];
  for (const device of ["cpu", "wasm"] as const) {
    await using backend = await openBackend({ device });
    const session = await backend.load("tiny", tinyNetwork());
    results.push((await session.run(image(100, 60)))["restored"]!);
  }
  const [cpu, wasm] = results;
  const difference = cpu!.data.map((v, i) => Math.abs(v - wasm!.data[i]!));
  assert.ok(Math.max(...difference) < 1e-5);
});

Deno.test("a run leaves the event loop free", async () => {
  await using backend = await openBackend({ device: "wasm" });
  const session = await backend.load("tiny", tinyNetwork(64));
  let maxSide = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    maxSide = Math.max(maxSide, performance.now() - last);
    last = performance.now();
  }, 5);
  const start = performance.now();
  await session.run(image(1024, 1024));
  const total = performance.now() - start;
  clearInterval(timer);
  // A run that held the loop would be one gap, however fast the machine is.
  assert.ok(maxSide < total / 2, `${maxSide} of ${total} ms`);
});

Deno.test({
  name: "auto asks for no permission, and says why it passed cpu over",
  permissions: { read: true, ffi: false },
  fn: async () => {
    await using backend = await openBackend();
    assert.notEqual(backend.device, "cpu");
    if (backend.device === "wasm") {
      assert.match(
        backend.reason,
        /^Running on wasm, as .+ and the ffi permission that cpu needs is not granted\.$/,
      );
    }
  },
});

Deno.test({
  name: "a permission that is missing is named",
  permissions: { read: true, ffi: false },
  fn: async () => {
    await assert.rejects(openBackend({ device: "cpu" }), {
      code: "device-unavailable",
      message:
        /^The device cpu is not available: ffi access to .* is not granted; run Deno with --allow-ffi\.$/,
    });
  },
});

Deno.test("a model that gives other than float32 is refused", async () => {
  await using backend = await openBackend({ device: "wasm" });
  const int64 = 7;
  const model = writeOnnx({
    inputs: { x: [1] },
    outputs: { y: [1] },
    weights: {},
    types: { y: int64 },
    nodes: [{
      op: "Cast",
      inputs: ["x"],
      outputs: ["y"],
      attributes: { to: int64 },
    }],
  });
  await assert.rejects(backend.load("cast", model), {
    code: "model-corrupt",
    message: /has "y" among its outputs, which is not a float32 tensor/,
  });
});

Deno.test("auto passes over what gave wrong numbers, and says so", async () => {
  await using backend = await openBackend({ except: "cpu" });
  assert.notEqual(backend.device, "cpu");
  if (backend.device === "wasm") {
    assert.match(backend.reason, /and cpu gives wrong numbers\.$/);
  }
});

Deno.test("fp16 is for webgpu: others compute in fp32, and say so", async () => {
  for (const device of ["cpu", "wasm"] as const) {
    await assert.rejects(openBackend({ device, precision: "fp16" }), {
      code: "device-unavailable",
      message:
        `The device ${device} is not available: ${device} computes in fp32 only; ask for precision auto or fp32.`,
    });
  }
  await using backend = await openBackend({ device: "wasm" });
  const { precision, precisionReason } = await backend.load(
    "tiny",
    tinyNetwork(),
  );
  assert.equal(precision, "fp32");
  assert.equal(precisionReason, "wasm computes in fp32 only.");
});
