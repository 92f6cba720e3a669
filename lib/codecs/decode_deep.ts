import { LimpidError } from "../errors.ts";
import { isOutOfMemory } from "../out_of_memory.ts";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import type { Raster } from "../types.ts";
import type { ImageInfo } from "./header.ts";
import { DECODERS } from "./table.ts";

/**
 * Decodes all 16 bits of an image's samples, as they are stored.
 *
 * @param flat The image in 8 bits.
 * @throws {LimpidError} `codec-failed` where the decoder cannot be loaded
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
    // A decoder that cannot be loaded says nothing of the file.
    if (isOutOfMemory(error) || error instanceof LimpidError) throw error;
    return null;
  }
}

/**
 * Whether the samples agree, however they were rounded to 8 bits. Decoders give
 * pixels that are not seen any colour.
 */
function isSame(deep: DeepRaster, flat: Raster): boolean {
  if (deep.width !== flat.width || deep.height !== flat.height) return false;
  for (let i = 0; i < flat.data.length; i += 4) {
    if (!isNear(deep, flat, i + 3)) return false;
    if (flat.data[i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) {
      if (!isNear(deep, flat, i + c)) return false;
    }
  }
  return true;
}

function isNear(deep: DeepRaster, flat: Raster, i: number): boolean {
  const difference = flat.data[i]! - (deep.data[i]! >> 8);
  return difference >= -1 && difference <= 1;
}
