import type { Metadata } from "../header.ts";
import { WEBP_ENCODER, WEBP_ENCODER_WASM } from "../../../deps.ts";
import type { Quality, Raster } from "../../types.ts";
import { viewOf } from "../bytes.ts";
import type { Rows } from "../rows.ts";
import { type WebpChunk, webpChunks, webpFile } from "./chunks.ts";
import { readLossless, VP8X } from "./header.ts";
import { instantiateEmscripten, withCodec } from "../wasm_module.ts";

/** libwebp's WebPConfig without the quality; every field must be given. */
export const WEBP_CONFIG = {
  target_size: 0,
  target_PSNR: 0,
  method: 4,
  sns_strength: 50,
  filter_strength: 60,
  filter_sharpness: 0,
  filter_type: 1,
  partitions: 0,
  segments: 4,
  pass: 1,
  show_compressed: 0,
  preprocessing: 0,
  autofilter: 0,
  partition_limit: 0,
  alpha_compression: 1,
  alpha_filtering: 1,
  // Keep alpha exactly, and the colours of invisible pixels as far as lossy
  // coding can.
  alpha_quality: 100,
  exact: 1,
  lossless: 0,
  image_hint: 0,
  emulate_jpeg_size: 0,
  thread_level: 0,
  low_memory: 0,
  near_lossless: 100,
  use_delta_palette: 0,
  use_sharp_yuv: 0,
};

export interface WebpEncoder {
  encode(
    rgba: Raster["data"],
    width: number,
    height: number,
    config: typeof WEBP_CONFIG & { quality: number },
  ): Uint8Array | null;
}

/**
 * Effort of lossless coding: takes as long as lossy coding. Three times as long
 * would make files 1 % smaller.
 */
const LOSSLESS = { lossless: 1, method: 1, quality: 50 };

/**
 * Writes a WebP: lossy with lossless alpha, or entirely lossless, including
 * invisible pixels.
 *
 * @param quality 1..100, or lossless.
 */
export async function encodeWebp(
  rows: Rows,
  quality: Quality,
  metadata: Metadata,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = rows;
  // libwebp takes the whole image at once.
  const data = await rows.read(0, height);
  const file = await withCodec(
    WEBP_ENCODER_WASM,
    (wasm) => instantiateEmscripten<WebpEncoder>(WEBP_ENCODER, wasm),
    ({ api }) =>
      api.encode(data, width, height, {
        ...WEBP_CONFIG,
        ...(quality === "lossless" ? LOSSLESS : { quality }),
      }),
  );
  if (!file) throw new Error("libwebp failed to encode the image");
  return withMetadata(file, width, height, metadata);
}

/** Converts the file to the extended format, which can hold metadata. */
function withMetadata(
  file: Uint8Array,
  width: number,
  height: number,
  { icc, exif, xmp }: Metadata,
): Uint8Array<ArrayBuffer> {
  if (!icc && !exif && !xmp) return new Uint8Array(file);
  const image = [...webpChunks(file)].filter(({ type }) => type !== "VP8X");
  const hasAlpha = image.some(({ type, data }) =>
    type === "ALPH" || (type === "VP8L" && readLossless(data).hasAlpha)
  );
  const canvas = new Uint8Array(10);
  const view = viewOf(canvas);
  // Sides less one, in 24 bits each, of which 14 are used.
  view.setUint16(4, width - 1, true);
  view.setUint16(7, height - 1, true);
  canvas[0] = (icc ? VP8X.ICC : 0) | (exif ? VP8X.EXIF : 0) |
    (xmp ? VP8X.XMP : 0) |
    (hasAlpha ? VP8X.ALPHA : 0);
  const chunks: WebpChunk[] = [
    { type: "VP8X", data: canvas },
    ...(icc ? [{ type: "ICCP", data: icc }] : []),
    ...image,
    ...(exif ? [{ type: "EXIF", data: exif }] : []),
    ...(xmp ? [{ type: "XMP ", data: xmp }] : []),
  ];
  return webpFile(chunks);
}
