/** How many tiles there were, and on how many of them a restorer ran. */
import { type Size, TilePlan, type TileSize } from "../tiling/tile_plan.ts";

/** Tiles that the restorer's networks had and ran on, at all levels. */
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

/** Tiles of several levels or damages, counted together; their sides are those of the last. */
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
