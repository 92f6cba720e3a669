/** How many tiles there were, and on how many of them a restorer ran. */
import { type Size, TilePlan, type TileSize } from "../tiling/tile_plan.ts";

/** Number of tiles, and of those that a restorer ran on, over all levels. */
export interface TileCounts {
  readonly total: number;
  readonly restored: number;
  readonly side: number;
  readonly asked: number;
}

/** Tiles of one level. */
export function countTiles(
  size: Size,
  cut: TileSize,
  asked: TileSize,
  restored: number,
): TileCounts {
  const { total } = new TilePlan(size.width, size.height, cut);
  return { total, restored, side: cut.tile, asked: asked.tile };
}

/** Sums the tiles of several levels or damages; takes the last one's sides. */
export function sumTiles(all: readonly TileCounts[]): TileCounts {
  const last = all.at(-1)!;
  const sum = (of: (tiles: TileCounts) => number): number =>
    all.reduce((total, tiles) => total + of(tiles), 0);
  return {
    ...last,
    total: sum(({ total }) => total),
    restored: sum(({ restored }) => restored),
  };
}
