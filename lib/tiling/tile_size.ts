/** How an image is cut for a network. */
import type { TileSize } from "./tile_plan.ts";

/** What the caller set of a {@linkcode TileSize}; `null` where the model decides. */
export interface TileSettings {
  readonly tile: number | null;
  readonly halo: number | null;
}

/** Where neither the caller nor the model says: every network that there was agreed with itself at 60 dB so. */
const DEFAULT_CUT: TileSize = { tile: 960, halo: 96 };

/** The cut for a model: the caller's, if any, else its manifest's. */
export function resolveTileSize(
  { cut = DEFAULT_CUT }: { readonly cut?: TileSize },
  { tile = null, halo = null }: Partial<TileSettings> = {},
): TileSize {
  return { tile: tile ?? cut.tile, halo: halo ?? cut.halo };
}
