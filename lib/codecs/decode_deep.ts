import { isOutOfMemory } from "../out_of_memory.ts";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import type { Raster } from "../types.ts";
import type { ImageInfo } from "./header.ts";
import { DECODERS } from "./table.ts";

/**
 * Decodes all 16 bits of an image's samples, as they are stored.
 *
 * @param flat The image in 8 bits.
 * @returns `null` where that fails, or makes another image than in 8 bits
 */
export async function decodeDeep(
  bytes: Uint8Array,
  info: ImageInfo,
  flat: Raster,
): Promise<DeepRaster | null> {
  const decode = DECODERS[info.format].decodeDeep;
  if (decode === undefined) return null;
  try {
    const deep = await decode(bytes, info);
    return isSame(deep, flat) ? deep : null;
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    return null;
  }
}

/** Whether the samples agree, however they were rounded to 8 bits. */
function isSame(deep: DeepRaster, flat: Raster): boolean {
  if (deep.width !== flat.width || deep.height !== flat.height) return false;
  for (let i = 0; i < flat.data.length; i++) {
    const high = deep.data[i]! >> 8;
    const difference = flat.data[i]! - high;
    if (difference < -1 || difference > 1) return false;
  }
  return true;
}
