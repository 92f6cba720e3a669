import { IMAGESCRIPT_WASM } from "../../deps.ts";
import type { DecodedPixels } from "./decoded_pixels.ts";
import { sharedPixels } from "./shared_pixels.ts";
import { instantiate } from "./wasm_codec.ts";

/** The exports of imagescript's gif.wasm that are used. */
interface ImagescriptGif {
  walloc(size: number): number;
  /** A handle; 0 is failure. */
  decoder_new(data: number, length: number, limit: number): number;
  decoder_width(decoder: number): number;
  decoder_height(decoder: number): number;
  /** A handle; 0 is failure, 1 the end. */
  decoder_frame(decoder: number): number;
  decoder_frame_x(frame: number): number;
  decoder_frame_y(frame: number): number;
  decoder_frame_width(frame: number): number;
  decoder_frame_height(frame: number): number;
  /** Address of the frame's RGBA pixels. */
  decoder_frame_buffer(frame: number): number;
}

/**
 * Decodes the first frame of a GIF, on its screen; what the frame does not
 * cover is transparent.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeGif(bytes: Uint8Array): Promise<DecodedPixels> {
  const { api: wasm, memory } = await instantiate<ImagescriptGif>(
    IMAGESCRIPT_WASM.gif,
    { env: { push_to_stream: () => {} } },
  );
  const input = wasm.walloc(bytes.length);
  new Uint8Array(memory.buffer, input, bytes.length).set(bytes);
  const decoder = wasm.decoder_new(input, bytes.length, 0);
  if (decoder === 0) throw new Error("imagescript failed to read the header");
  const frame = wasm.decoder_frame(decoder);
  if (frame <= 1) throw new Error("imagescript failed to decode the frame");

  const width = wasm.decoder_width(decoder);
  const height = wasm.decoder_height(decoder);
  const x = wasm.decoder_frame_x(frame);
  const y = wasm.decoder_frame_y(frame);
  const rowBytes = 4 * wasm.decoder_frame_width(frame);
  const rows = wasm.decoder_frame_height(frame);
  const pixels = new Uint8Array(
    memory.buffer,
    wasm.decoder_frame_buffer(frame),
    rowBytes * rows,
  );
  const data = sharedPixels(width * height);
  for (let row = 0; row < rows; row++) {
    data.set(
      pixels.subarray(row * rowBytes, (row + 1) * rowBytes),
      4 * ((y + row) * width + x),
    );
  }
  return { width, height, data, warnings: [] };
}
