import { IMAGESCRIPT_WASM } from "../../deps.ts";
import type { Raster } from "../types.ts";
import { concat } from "./bytes.ts";
import { PNG_SIGNATURE, pngChunks } from "./png_chunks.ts";
import { type Codec, instantiate, withCodec } from "./wasm_codec.ts";

/** The exports of imagescript's png.wasm that are used. */
interface ImagescriptPng {
  walloc(size: number): number;
  wfree(address: number): void;
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
export function decodePng(bytes: Uint8Array): Promise<Raster> {
  const file = pixelChunksOnly(bytes);
  return withCodec(IMAGESCRIPT_WASM.png, create, ({ api, memory }) => {
    const input = api.walloc(file.length);
    new Uint8Array(memory.buffer, input, file.length).set(file);
    const output = api.decode(input, file.length);
    if (output < 0) throw new Error(`imagescript failed (${output})`);
    const width = api.width();
    const height = api.height();
    const bytes = 4 * width * height;
    const data = new Uint8Array(memory.buffer, output, bytes).slice();
    api.wfree(input);
    api.wfree(output);
    return { width, height, data };
  });
}

function create(wasm: string): Promise<Codec<ImagescriptPng>> {
  return instantiate(wasm, {
    env: { emscripten_notify_memory_growth: () => {} },
  });
}

/** Without the chunks in which a bomb or an animation could hide. */
function pixelChunksOnly(bytes: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [PNG_SIGNATURE];
  for (const { type, whole } of pngChunks(bytes)) {
    if (PIXEL_CHUNKS.has(type)) kept.push(whole);
  }
  return concat(kept);
}
