import { WEBP_DECODER, WEBP_DECODER_WASM } from "../../deps.ts";
import type { Raster } from "../types.ts";
import { instantiate } from "./wasm_codec.ts";

interface WebpDecoder {
  decode(bytes: Uint8Array): ImageData | null;
}

/**
 * Decodes a lossy or lossless WebP, with or without alpha.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeWebp(bytes: Uint8Array): Promise<Raster> {
  const decoder = await instantiate<WebpDecoder>(
    WEBP_DECODER,
    WEBP_DECODER_WASM,
  );
  const image = decoder.decode(bytes);
  if (!image) throw new Error("libwebp failed");
  const { width, height, data } = image;
  return { width, height, data: new Uint8Array(data.buffer) };
}
