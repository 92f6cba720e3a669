/** Stores of models that no network needs to load: bytes by chance, of any size. */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** The sha256 of bytes, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes by chance. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65536));
  }
  return bytes;
}

/** An entry of a manifest for `ID.onnx`. */
export function fileEntry(
  id: string,
  bytes: Uint8Array,
): Record<string, unknown> {
  return {
    id,
    kind: "mask",
    task: null,
    size: "small",
    file: `${id}.onnx`,
    bytes: bytes.length,
    sha256: sha256(bytes),
    graph: {
      thumb: 128,
      inputs: ["image", "thumb"],
      outputs: ["mask", "evidence", "attention"],
    },
    threshold: null,
    softness: null,
    gmacs: 1,
    figures: {},
    licence: "MIT",
    provenance: "a test",
  };
}

/** The text of a manifest. */
export function manifestOf(entries: readonly object[]): string {
  return JSON.stringify({ version: 1, models: entries });
}

/** Writes a store into a folder that exists. */
export async function writeStore(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (const [id, bytes] of Object.entries(files)) {
    await Deno.writeFile(join(folder, `${id}.onnx`), bytes);
  }
  await Deno.writeTextFile(
    join(folder, "manifest.json"),
    manifestOf(
      Object.entries(files).map(([id, bytes]) => fileEntry(id, bytes)),
    ),
  );
}
