/** A backend in a process of its own, with no more permissions than it needs. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** Opens a device in another process, loads and runs a network, closes it, and ends by itself. */
async function runElsewhere(
  root: URL | string,
  device: string,
  permissions: string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const program = `
    import { openBackend } from "${root}lib/runtime/open_backend.ts";
    import { tinyNetwork } from "${root}tests/tiny_onnx.ts";
    await using backend = await openBackend({ device: "${device}" });
    const session = await backend.load("tiny", tinyNetwork());
    const image = { data: new Float32Array(3 * 64), dims: [1, 3, 8, 8] };
    const { restored } = await session.run({ image });
    console.log(backend.device, restored.dims.join("x"));`;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-prompt", ...permissions, "main.ts"],
      cwd: folder,
      signal: AbortSignal.timeout(120_000),
    });
    const { success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What each device needs besides reading its Worker's modules. */
const PERMISSIONS = { cpu: ["--allow-ffi"], wasm: ["--allow-read"] };

for (const [device, permissions] of Object.entries(PERMISSIONS)) {
  Deno.test(`${device}: a closed backend lets the process end`, async () => {
    const modules = ["lib", "deps.ts"].map((m) => new URL(m, ROOT).pathname);
    const read = `--allow-read=${modules.join()}`;
    const { success, stdout, stderr } = await runElsewhere(
      ROOT,
      device,
      permissions.includes("--allow-read")
        ? permissions
        : [...permissions, read],
    );
    assert.equal(stdout, `${device} 1x3x8x8\n`, stderr);
    assert.ok(success, stderr);
  });

  Deno.test(`${device}: works when it is imported from a web server`, async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const file = await Deno.readFile(new URL(`.${pathname}`, ROOT));
        return new Response(file, {
          headers: { "content-type": "application/typescript" },
        });
      },
    );
    const host = `127.0.0.1:${server.addr.port}`;
    try {
      const { success, stdout, stderr } = await runElsewhere(
        `http://${host}/`,
        device,
        [`--allow-import=${host}`, ...permissions],
      );
      assert.equal(stdout, `${device} 1x3x8x8\n`, stderr);
      assert.ok(success, stderr);
    } finally {
      await server.shutdown();
    }
  });
}

Deno.test("without the permission to read, the error says so", async () => {
  const { success, stderr } = await runElsewhere(ROOT, "wasm", []);
  assert.ok(!success);
  assert.match(
    stderr,
    /LimpidError: The device wasm is not available: read access to ".*worker\.ts" is not granted; run Deno with --allow-read\./,
  );
});
