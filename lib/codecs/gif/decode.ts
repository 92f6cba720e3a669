import { IMAGESCRIPT_WASM } from "../../../deps.ts";
import { concat, latin1, viewOf } from "../bytes.ts";
import type { DecodedPixels } from "../decoded_pixels.ts";
import { neededCodes } from "./codes.ts";
import { type GifFrame, joined, readGifFrame } from "./header.ts";
import { sharedPixels } from "../shared_pixels.ts";
import { instantiate, withOwnCodec } from "../wasm_module.ts";

/** The exports of imagescript's gif.wasm that are used. */
interface ImagescriptGif {
  walloc(size: number): number;
  /** Returns a handle; 0 means failure. */
  decoder_new(data: number, length: number, limit: number): number;
  /** Returns a handle; 0 means failure, 1 the end. */
  decoder_frame(decoder: number): number;
  /** Returns the address of the frame's RGBA pixels. */
  decoder_frame_buffer(frame: number): number;
}

/**
 * Decodes the first frame of a GIF on its screen. Pixels outside the frame are
 * transparent.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeGif(bytes: Uint8Array): Promise<DecodedPixels> {
  const frame = readGifFrame(bytes);
  const codec = await instantiate<ImagescriptGif>(
    IMAGESCRIPT_WASM.gif,
    { env: { push_to_stream: () => {} } },
  );
  const { width, height } = frame.screen;
  const data = withOwnCodec(codec, ({ api: wasm, memory }) => {
    const file = alone(frame);
    const input = wasm.walloc(file.length);
    new Uint8Array(memory.buffer, input, file.length).set(file);
    const decoder = wasm.decoder_new(input, file.length, 0);
    if (decoder === 0) throw new Error("imagescript failed to read the header");
    const handle = wasm.decoder_frame(decoder);
    if (handle <= 1) throw new Error("imagescript failed to decode the frame");

    const rowBytes = 4 * frame.width;
    const pixels = new Uint8Array(
      memory.buffer,
      wasm.decoder_frame_buffer(handle),
      rowBytes * frame.height,
    );
    const data = sharedPixels(width * height);
    for (let row = 0; row < frame.height; row++) {
      data.set(
        pixels.subarray(row * rowBytes, (row + 1) * rowBytes),
        4 * ((frame.y + row) * width + frame.x),
      );
    }
    return data;
  });
  return { width, height, data, warnings: [] };
}

/**
 * A GIF with only this frame, on a screen of its size: the decoder is less
 * tolerant than browsers.
 */
function alone(
  frame: GifFrame,
): Uint8Array {
  const { width, height, interlaced, palette, transparent } = frame;
  const codes = neededCodes(
    joined(frame.blocks),
    frame.codeSize,
    width * height,
  );
  const size = new Uint8Array(4);
  viewOf(size).setUint16(0, width, true);
  viewOf(size).setUint16(2, height, true);
  const colours = palette.length / 3;
  // Bit 7: whether there is a table; bits 0 to 2: log2 of its length, less 1.
  const table = colours === 0 ? 0 : 0x80 | Math.ceil(Math.log2(colours)) - 1;
  return concat([
    latin1("GIF89a"),
    size,
    Uint8Array.of(table, 0, 0),
    palette,
    ...(transparent === null
      ? []
      : [Uint8Array.of(0x21, 0xf9, 4, 1, 0, 0, transparent, 0)]),
    Uint8Array.of(0x2c, 0, 0, 0, 0),
    size,
    Uint8Array.of(interlaced ? 0x40 : 0, frame.codeSize),
    ...Array.from({ length: Math.ceil(codes.length / 255) }, (_, i) => {
      const block = codes.subarray(255 * i, 255 * (i + 1));
      return concat([Uint8Array.of(block.length), block]);
    }),
    // End of the sub-blocks, and of the file.
    Uint8Array.of(0, 0x3b),
  ]);
}
