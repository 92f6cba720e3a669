import { DEEP_PNG_WASM } from "../../../deps.ts";
import type { DeepRaster } from "../../pixels/deep_raster.ts";
import { sharedDeepPixels } from "../shared_pixels.ts";
import { type Codec, instantiate, withCodec } from "../wasm_module.ts";
import { pixelChunks } from "./decode.ts";

/** The exports of jSquash's PNG codec that are used; they are wasm-bindgen's. */
interface JsquashPng {
  __wbindgen_malloc(size: number, alignment: number): number;
  /** Takes the file's memory over; returns an image, or traps. */
  decode_rgba16(address: number, length: number): number;
  imagedatargba16_width(image: number): number;
  imagedatargba16_height(image: number): number;
  /** Has {@linkcode Found} told where the samples are. */
  imagedatargba16_data(image: number): void;
  __wbg_imagedatargba16_free(image: number): void;
}

/** Where the samples of the last image are, in the codec's memory. */
interface Found {
  address: number;
  samples: number;
}

const found: Found = { address: 0, samples: 0 };

/**
 * Decodes a PNG of 16 bits a sample, of any kind; of an animated PNG the still
 * image.
 *
 * @throws {Error} where the data is damaged.
 */
export function decodeDeepPng(bytes: Uint8Array): Promise<DeepRaster> {
  const parts = pixelChunks(bytes);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return withCodec(DEEP_PNG_WASM, create, ({ api, memory }) => {
    const input = api.__wbindgen_malloc(length, 1) >>> 0;
    let end = input;
    for (const part of parts) {
      new Uint8Array(memory.buffer, end, part.length).set(part);
      end += part.length;
    }
    const image = api.decode_rgba16(input, length);
    const width = api.imagedatargba16_width(image) >>> 0;
    const height = api.imagedatargba16_height(image) >>> 0;
    api.imagedatargba16_data(image);
    const data = sharedDeepPixels(width * height);
    data.set(new Uint16Array(memory.buffer, found.address, found.samples));
    api.__wbg_imagedatargba16_free(image);
    return { width, height, data };
  });
}

function create(wasm: string): Promise<Codec<JsquashPng>> {
  // Objects of JavaScript have numbers in the codec; none is needed.
  const nothing = (): number => 0;
  return instantiate(wasm, {
    wbg: {
      __wbindgen_memory: nothing,
      __wbg_buffer_a448f833075b71ba: nothing,
      __wbg_newwithbyteoffsetandlength_099217381c451830(
        _buffer: number,
        address: number,
        samples: number,
      ): number {
        found.address = address >>> 0;
        found.samples = samples >>> 0;
        return 0;
      },
      __wbg_newwithownedu8clampedarrayandsh_91db5987993a08fb: nothing,
      __wbindgen_object_drop_ref: nothing,
      __wbindgen_throw(): never {
        throw new Error("the codec failed");
      },
    },
  });
}
