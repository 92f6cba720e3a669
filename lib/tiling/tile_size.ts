/** Decides the tile size of a network. */
import { LARGEST_TILE, MULTIPLE, type TileSize } from "./tile_plan.ts";

/** The caller's {@linkcode TileSize}; `null` where the model decides. */
export interface TileSettings {
  readonly tile: number | null;
  readonly halo: number | null;
}

/**
 * Used where neither the caller nor the manifest sets a size: tiled and untiled
 * results agreed at 60 dB or more for every network tried.
 */
const DEFAULT_CUT: TileSize = { tile: 960, halo: 96 };

/**
 * How many times as many pixels a tile may see in fp16 as in fp32 for the same
 * memory. Measured on webgpu, a tile of 256x256 of rain-large-2: its layers
 * take 417 and 777 bytes a pixel.
 */
const HALF_SEES = 1.8;

/** The tile size of a network in fp16: with it the layers take about as much memory as in fp32 with `cut`. */
export function tileSizeInHalf({ tile, halo }: TileSize): TileSize {
  const side = Math.sqrt(HALF_SEES) * (tile + 2 * halo) - 2 * halo;
  const most = Math.min(side, LARGEST_TILE);
  return { tile: Math.floor(most / MULTIPLE) * MULTIPLE, halo };
}

/**
 * The caller's tile size where set, else that of the manifest's entry; one tile
 * for a network that sees the image whole.
 */
export function resolveTileSize(
  { cut = DEFAULT_CUT, whole }: {
    readonly cut?: TileSize;
    readonly whole?: number;
  },
  { tile = null, halo = null }: Partial<TileSettings> = {},
): TileSize {
  if (whole !== undefined) return { tile: whole, halo: 0 };
  return { tile: tile ?? cut.tile, halo: halo ?? cut.halo };
}
