/** Retries with smaller tiles where a device runs out of memory. */
import { isOutOfDeviceMemory } from "../runtime/device_errors.ts";
import {
  MULTIPLE,
  type Size,
  SMALLEST_TILE,
  TilePlan,
  type TileSize,
} from "../tiling/tile_plan.ts";

/** The work's result, and the tile size at which it succeeded. */
export interface Fitted<T> {
  readonly value: T;
  readonly cut: TileSize;
}

/**
 * Does the work. Where memory does not suffice, tries again with tiles of half
 * the side, down to {@linkcode SMALLEST_TILE}; the halo stays.
 *
 * @throws {LimpidError} what `work` throws; `out-of-memory` at the smallest tiles only
 */
export async function retryWithSmallerTiles<T>(
  image: Size,
  cut: TileSize,
  work: (cut: TileSize) => Promise<T>,
): Promise<Fitted<T>> {
  try {
    return { value: await work(cut), cut };
  } catch (error) {
    const smaller = smallerCut(image, cut);
    const memory = isOutOfDeviceMemory(error);
    if (!memory || smaller === null) throw error;
    return await retryWithSmallerTiles(image, smaller, work);
  }
}

/**
 * Halves the tile until it sees fewer pixels: on a small image the next tile
 * may see just as many.
 */
function smallerCut({ width, height }: Size, cut: TileSize): TileSize | null {
  const seen = (cut: TileSize): number => {
    const { x, y } = new TilePlan(width, height, cut);
    return x.side * y.side;
  };
  const most = seen(cut);
  let { tile } = cut;
  while (tile > SMALLEST_TILE) {
    const half = Math.ceil(tile / 2 / MULTIPLE) * MULTIPLE;
    tile = Math.max(SMALLEST_TILE, half);
    if (seen({ ...cut, tile }) < most) return { ...cut, tile };
  }
  return null;
}
