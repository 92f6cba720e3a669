/** Downloads through a network that does its worst. */
import { runFaults } from "./download_faults.ts";
import { FileServer } from "./file_server.ts";
import { fileEntry, manifestOf, randomBytes } from "./model_files.ts";

const BYTES = randomBytes(1_000_000);

Deno.test("download: right bytes or a clear error, whatever befalls them", async (t) => {
  const manifest = manifestOf([fileEntry("big", BYTES)]);
  await using server = new FileServer({
    "manifest.json": new TextEncoder().encode(manifest),
    "big.onnx": BYTES,
  });
  await runFaults(t, {
    origin: server.origin,
    folder: "/",
    replace: (bytes) => {
      server.files.set("big.onnx", bytes);
      return Promise.resolve();
    },
  }, BYTES);
});
