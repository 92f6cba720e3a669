/** Which tiles the restorer has to see. */
import type { Guide } from "../../pixels/mask.ts";
import type { Line } from "../../tiling/tile_plan.ts";
import type { TileIndex } from "./canvas.ts";

/** The tiles in which the guide is above 0 where they count, line by line. */
export function damagedTiles(
  lines: readonly Line[],
  guide: Guide,
): readonly TileIndex[] {
  return lines.flatMap(({ tiles }, line) =>
    tiles.flatMap(({ span }, tile) =>
      guide.touches(span) ? [{ line, tile }] : []
    )
  );
}
