import { IMAGESCRIPT_WASM } from "../../../deps.ts";
import type { DecodedPixels } from "../decoded_pixels.ts";
import { PNG_SIGNATURE, pngChunk, pngChunks } from "./chunks.ts";
import { sharedPixels } from "../shared_pixels.ts";
import { type Codec, instantiate, withCodec } from "../wasm_module.ts";

/** The exports of imagescript's png.wasm that are used. */
interface ImagescriptPng {
  walloc(size: number): number;
  wfree(address: number): void;
  /** Returns the address of the RGBA pixels; negative means failure. */
  decode(data: number, length: number): number;
  width(): number;
  height(): number;
}

/** The chunks that pixels need; the decoder gets no others. */
const PIXEL_CHUNKS = new Set(["IHDR", "PLTE", "tRNS", "IDAT"]);

/**
 * Decodes a PNG of any kind. 16-bit samples keep their high byte. Of an
 * animated PNG it decodes the still image.
 *
 * @throws {Error} where the data is damaged.
 */
export function decodePng(bytes: Uint8Array): Promise<DecodedPixels> {
  const parts = pixelChunks(bytes);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return withCodec(IMAGESCRIPT_WASM.png, create, ({ api, memory }) => {
    const input = api.walloc(length);
    let end = input;
    for (const part of parts) {
      new Uint8Array(memory.buffer, end, part.length).set(part);
      end += part.length;
    }
    const output = api.decode(input, length);
    if (output < 0) throw new Error(`imagescript failed (${output})`);
    const width = api.width();
    const height = api.height();
    const data = sharedPixels(width * height);
    data.set(new Uint8Array(memory.buffer, output, data.length));
    api.wfree(input);
    api.wfree(output);
    return { width, height, data, warnings: [] };
  });
}

function create(wasm: string): Promise<Codec<ImagescriptPng>> {
  return instantiate(wasm, {
    env: { emscripten_notify_memory_growth: () => {} },
  });
}

/** The file in parts, without chunks that could hide a bomb or an animation. */
export function pixelChunks(bytes: Uint8Array): readonly Uint8Array[] {
  const kept: Uint8Array[] = [PNG_SIGNATURE];
  for (const { type, data, whole, damaged } of pngChunks(bytes)) {
    const isEmpty = type === "IDAT" && data.length === 0;
    if (PIXEL_CHUNKS.has(type) && !damaged && !isEmpty) kept.push(whole);
  }
  kept.push(pngChunk("IEND", new Uint8Array()));
  return kept;
}
