/** What is done where a device's memory does not suffice. */
import { LimpidError } from "../errors.ts";
import {
  MULTIPLE,
  type Size,
  SMALLEST_TILE,
  TilePlan,
  type TileSize,
} from "../tiling/tile_plan.ts";

/** The work's result, and how the image was cut in the end. */
export interface Fitted<T> {
  readonly value: T;
  readonly cut: TileSize;
}

/**
 * Does the work; where memory does not suffice, again with tiles of half the
 * side, down to {@linkcode SMALLEST_TILE}; their halo stays.
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
    const memory = error instanceof LimpidError &&
      error.code === "out-of-memory";
    if (!memory || smaller === null) throw error;
    return await retryWithSmallerTiles(image, smaller, work);
  }
}

/** Halved until a tile sees less: one that the image does not fill would be tried again as it was. */
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
