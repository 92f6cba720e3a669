import { IMAGESCRIPT_WASM } from "../../deps.ts";
import type { Raster } from "../types.ts";
import { concat } from "./bytes.ts";
import { PNG_SIGNATURE, pngChunks } from "./png_chunks.ts";
import { loadModule } from "./wasm_codec.ts";

/** The exports of imagescript's png.wasm that are used. */
interface ImagescriptPng {
  readonly memory: WebAssembly.Memory;
  walloc(size: number): number;
  /** Address of the RGBA pixels; negative is failure. */
  decode(data: number, length: number): number;
  width(): number;
  height(): number;
}

/** The chunks that make the pixels; the decoder sees no other. */
const PIXEL_CHUNKS = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);

/**
 * Decodes a PNG of any kind. 16-bit samples keep their high byte. Of an
 * animated PNG, the still picture.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodePng(bytes: Uint8Array): Promise<Raster> {
  const module = await loadModule(IMAGESCRIPT_WASM.png);
  const { exports } = new WebAssembly.Instance(module, {
    env: { emscripten_notify_memory_growth: () => {} },
  });
  const wasm = exports as unknown as ImagescriptPng;

  const file = pixelChunksOnly(bytes);
  const input = wasm.walloc(file.length);
  new Uint8Array(wasm.memory.buffer, input, file.length).set(file);
  const output = wasm.decode(input, file.length);
  if (output < 0) throw new Error(`imagescript failed (${output})`);
  const width = wasm.width();
  const height = wasm.height();
  return {
    width,
    height,
    data: new Uint8Array(wasm.memory.buffer, output, 4 * width * height)
      .slice(),
  };
}

/** Without the chunks in which a bomb or an animation could hide. */
function pixelChunksOnly(bytes: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [PNG_SIGNATURE];
  for (const { type, whole } of pngChunks(bytes)) {
    if (PIXEL_CHUNKS.has(type)) kept.push(whole);
  }
  return concat(kept);
}
