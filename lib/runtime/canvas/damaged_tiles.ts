/** Which tiles the restorer has to see. */
import type { BlendWeights } from "../../pixels/mask.ts";
import type { TileRow } from "../../tiling/tile_plan.ts";
import type { TileIndex } from "./canvas.ts";

/** The tiles in which the guide is above 0 where they count, line by line. */
export function damagedTiles(
  lines: readonly TileRow[],
  weights: BlendWeights,
): readonly TileIndex[] {
  return lines.flatMap(({ tiles }, line) =>
    tiles.flatMap(({ span }, tile) =>
      weights.touches(span) ? [{ line, tile }] : []
    )
  );
}
