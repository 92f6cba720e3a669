/** What an image takes of memory, told before it is decoded. */
import { resolveTileSize, type TileSettings } from "../tiling/tile_size.ts";
import { LimpidError } from "../errors.ts";
import { TilePlan } from "../tiling/tile_plan.ts";
import type { InputFormat, OutputFormat, Quality } from "../types.ts";

/**
 * Most bytes for each pixel that are there at the same time: whole runs with
 * 24 megapixels peak 11 bytes a pixel above those with 2 where they are
 * written as JPEG. A PNG or heat map takes 2 more, a WebP, whose encoder takes
 * the image whole, 11 more. In, out and mask are 9 of them.
 */
const PER_PIXEL = 32;
/** Where they are written as lossless WebP: its encoder takes 45. */
const PER_PIXEL_LOSSLESS = 64;
/**
 * And for each pixel that a tile sees, what the networks' layers hold: on `cpu`
 * at most 470 those of small ones, 1000 of large ones. A model's own tiles are as much
 * smaller as it takes more, so that all of them take about as much as tiles of the default cut do with 600.
 */
const PER_TILE_PIXEL = { own: 600, asked: 1100 };
/** Times that a file is there: the caller's, the Worker's, the codec's, and the one written. */
const FILES = 4;
/** The codecs' own, and what waits for the garbage collector. */
const FIXED = 64 * 2 ** 20;

/** What is known of an image before it is decoded. */
export interface Foreseen {
  readonly width: number;
  readonly height: number;
  /** None for raw pixels. */
  readonly format?: InputFormat;
  readonly lossless?: boolean;
}

/** What memory depends on of what the caller sets. */
export interface MemorySettings extends TileSettings {
  readonly format?: OutputFormat | null;
  readonly quality?: Quality | null;
}

/** @returns bytes that an image takes at most, beyond program and models; an estimate */
export function peakBytes(
  image: Foreseen,
  fileBytes: number,
  settings: MemorySettings,
): number {
  const { width, height } = image;
  const { x, y } = new TilePlan(width, height, resolveTileSize({}, settings));
  const tile = PER_TILE_PIXEL[settings.tile === null ? "own" : "asked"];
  const perPixel = isLosslessWebp(image, settings)
    ? PER_PIXEL_LOSSLESS
    : PER_PIXEL;
  return FIXED + width * height * perPixel + x.side * y.side * tile +
    fileBytes * FILES;
}

function isLosslessWebp(
  { format, lossless = false }: Foreseen,
  settings: MemorySettings,
): boolean {
  const written = settings.format ?? format;
  const own = format === "webp" && lossless ? "lossless" : null;
  return written === "webp" && (settings.quality ?? own) === "lossless";
}

/** @throws {LimpidError} `too-much-memory` where an image would take more than the limit. */
export function checkMemory(
  image: Foreseen,
  fileBytes: number,
  settings: MemorySettings,
  maxMemory: number | null,
): void {
  const bytes = peakBytes(image, fileBytes, settings);
  if (maxMemory === null || bytes <= maxMemory) return;
  const { width, height } = image;
  throw new LimpidError(
    "too-much-memory",
    `The image of ${width}x${height} pixels takes about ${
      mebibytes(bytes)
    } with ${
      settings.tile === null
        ? "the models' own tiles"
        : `tiles of ${settings.tile}`
    }, the limit is ${
      mebibytes(maxMemory)
    }; raise maxMemory, or use smaller tiles or a smaller image.`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
