import { IMAGESCRIPT_WASM } from "../../deps.ts";
import type { Raster } from "../types.ts";
import { concat, latin1 } from "./bytes.ts";
import { withLibjpegTurbo } from "./libjpeg_turbo.ts";
import { sharedPixels } from "./shared_pixels.ts";
import { instantiate } from "./wasm_codec.ts";

/**
 * Decodes a grey or RGB JPEG with libjpeg-turbo. Its warnings are errors here:
 * that is how truncated and damaged data is told, which it would fill with grey.
 * It does not say which warning it was, so harmless ones (stray bytes before a
 * marker) are refused with the others.
 *
 * @throws {Error} where the data is damaged.
 */
export function decodeJpeg(bytes: Uint8Array): Promise<Raster> {
  return withLibjpegTurbo(({ api }) => {
    const decoder = new api.JPEGDecoder();
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    try {
      decoder.decode();
    } catch (cause) {
      // What is thrown is a number, the address of a C++ exception.
      throw new Error("libjpeg-turbo failed", { cause });
    }
    const { width, height, componentCount } = decoder.getFrameInfo();
    const samples = decoder.getDecodedBuffer();
    const data = opaque(samples, componentCount, width * height);
    decoder.delete();
    return { width, height, data };
  });
}

/** Grey or RGB samples as RGBA. */
function opaque(
  samples: Uint8Array,
  channels: number,
  pixels: number,
): Uint8Array {
  const rgba = sharedPixels(pixels);
  const words = new Uint32Array(rgba.buffer);
  // Every Deno target is little-endian: a word is A, B, G, R from its high byte.
  if (channels === 1) {
    for (let i = 0; i < pixels; i++) {
      words[i] = 0xff000000 | samples[i]! * 0x010101;
    }
  } else {
    for (let i = 0, at = 0; i < pixels; i++, at += 3) {
      words[i] = 0xff000000 | samples[at + 2]! << 16 | samples[at + 1]! << 8 |
        samples[at]!;
    }
  }
  return rgba;
}

/** The exports of imagescript's jpeg.wasm that are used. */
interface ImagescriptJpeg {
  walloc(size: number): number;
  /** A handle; 0 is failure. */
  decode(data: number, length: number, width: number, height: number): number;
  decode_width(handle: number): number;
  decode_height(handle: number): number;
  /** 2 is CMYK. */
  decode_format(handle: number): number;
  decode_buffer(handle: number): number;
}

/** Adobe's marker: APP14, 14 bytes, name, version 100, no flags, no transform. */
const ADOBE_CMYK = latin1("\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0");

/**
 * Decodes a CMYK or YCCK JPEG, which libjpeg-turbo does not turn into RGB.
 * Light is what the inks let through, r = (255 - c)(255 - k) / 255, without
 * the colour profile. This decoder fills missing data with grey: only a missing
 * end is told.
 *
 * Adobe's marker says whether it is CMYK or YCCK. A file without one is read as
 * CMYK, inverted as Adobe does it, which is what Pillow and browsers assume.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeCmykJpeg(bytes: Uint8Array): Promise<Raster> {
  const { api: wasm, memory } = await instantiate<ImagescriptJpeg>(
    IMAGESCRIPT_WASM.jpeg,
  );
  // The last marker counts: the file's own, where it has one.
  const file = concat([bytes.subarray(0, 2), ADOBE_CMYK, bytes.subarray(2)]);
  const input = wasm.walloc(file.length);
  new Uint8Array(memory.buffer, input, file.length).set(file);
  // Width and height 0: no scaling.
  const handle = wasm.decode(input, file.length, 0, 0);
  if (handle <= 1 || wasm.decode_format(handle) !== 2) {
    throw new Error("imagescript failed to decode the CMYK data");
  }
  const width = wasm.decode_width(handle);
  const height = wasm.decode_height(handle);
  const pixels = width * height;
  const inks = new Uint8Array(
    memory.buffer,
    wasm.decode_buffer(handle),
    4 * pixels,
  );
  const data = sharedPixels(pixels);
  for (let at = 0; at < data.length; at += 4) {
    const light = 255 - inks[at + 3]!;
    for (let c = 0; c < 3; c++) {
      data[at + c] = Math.round((255 - inks[at + c]!) * light / 255);
    }
    data[at + 3] = 255;
  }
  return { width, height, data };
}
