import { WEBP_DECODER, WEBP_DECODER_WASM } from "../../../deps.ts";
import type { DecodedPixels } from "../decoded_pixels.ts";
import { sharedPixels } from "../shared_pixels.ts";
import { instantiateEmscripten, withOwnCodec } from "../wasm_module.ts";

interface WebpDecoder {
  decode(bytes: Uint8Array): ImageData | null;
}

/**
 * Decodes a lossy or lossless WebP, with or without alpha.
 *
 * @throws {Error} where the data is damaged.
 */
export async function decodeWebp(bytes: Uint8Array): Promise<DecodedPixels> {
  // Never reuse an instance: this libwebp, 1.1.0, has a known overflow
  // (CVE-2023-4863), through which a file could attack those decoded after it.
  const codec = await instantiateEmscripten<WebpDecoder>(
    WEBP_DECODER,
    WEBP_DECODER_WASM,
  );
  const image = withOwnCodec(codec, ({ api }) => api.decode(bytes));
  if (!image) throw new Error("libwebp failed");
  const { width, height } = image;
  const data = sharedPixels(width * height);
  data.set(image.data);
  return { width, height, data, warnings: [] };
}
