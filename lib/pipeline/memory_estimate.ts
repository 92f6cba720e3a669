/** Estimates the memory that an image takes, before it is decoded. */
import { resolveTileSize, type TileSettings } from "../tiling/tile_size.ts";
import { LimpidError } from "../errors.ts";
import { TilePlan } from "../tiling/tile_plan.ts";
import { type InputFormat, ownFormat } from "../formats.ts";
import type { Depth, OutputFormat, Quality } from "../types.ts";

/**
 * Upper bound of the bytes held at once for each pixel. Measured: runs at 24
 * megapixels peak 11 bytes a pixel above runs at 2 megapixels where they write
 * JPEG. Input, output and mask are 9 of them. PNG or a heat map takes 2 more;
 * WebP, whose encoder takes the image whole, 11 more.
 */
const PER_PIXEL = 32;
/**
 * The same for lossless WebP, whose encoder takes 45, and for AVIF, whose
 * encoder takes 55, a third more where there is alpha.
 */
const PER_PIXEL_LOSSLESS = 64;
const PER_PIXEL_AVIF = 90;
/**
 * What 16 bits a sample take beyond that. Measured: PNG and TIFF of 12 to 14
 * megapixels peak 20 to 43 bytes a pixel above the same in 8 bits, while they
 * are decoded or written; 8 are kept meanwhile.
 */
const PER_PIXEL_DEEP = 48;
/**
 * Bytes of a network's layers for each pixel that a tile sees: on `cpu` at most
 * 470 for small networks, 1000 for large ones. Models that need more have
 * smaller tiles of their own, so that they take about as much as tiles of the
 * default size at 600 bytes a pixel.
 */
const PER_TILE_PIXEL = { own: 600, asked: 1100 };
/**
 * Copies of the file held at once: the caller's, the job's, the Worker's, the
 * codec's, and the output.
 */
const FILES = 5;
/** Bytes that the codecs take themselves, and garbage not yet collected. */
const FIXED = 64 * 2 ** 20;

/** What the header says about an image. */
export interface Foreseen {
  readonly width: number;
  readonly height: number;
  /** Absent for raw pixels. */
  readonly format?: InputFormat;
  readonly lossless?: boolean;
  /** Whether its samples can be read in 16 bits. */
  readonly deep?: boolean;
}

/** The caller's settings that memory depends on. */
export interface MemorySettings extends TileSettings {
  readonly format?: OutputFormat | null;
  readonly quality?: Quality | null;
  readonly depth?: Depth;
}

/**
 * @returns an estimate of the most bytes that an image takes, beyond those of
 * the program and its models
 */
export function peakBytes(
  image: Foreseen,
  fileBytes: number,
  settings: MemorySettings,
): number {
  const { width, height } = image;
  const { x, y } = new TilePlan(width, height, resolveTileSize({}, settings));
  const tile = PER_TILE_PIXEL[settings.tile === null ? "own" : "asked"];
  return FIXED + width * height * bytesPerPixel(image, settings) +
    x.side * y.side * tile +
    fileBytes * FILES;
}

function bytesPerPixel(image: Foreseen, settings: MemorySettings): number {
  const deep = settings.depth === 16 && image.deep === true;
  return flatBytesPerPixel(image, settings) + (deep ? PER_PIXEL_DEEP : 0);
}

function flatBytesPerPixel(
  { format, lossless = false }: Foreseen,
  settings: MemorySettings,
): number {
  const written = settings.format ?? ownFormat(format ?? null);
  if (written === "avif") return PER_PIXEL_AVIF;
  const own = format === "webp" && lossless ? "lossless" : null;
  return written === "webp" && (settings.quality ?? own) === "lossless"
    ? PER_PIXEL_LOSSLESS
    : PER_PIXEL;
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
    }; use smaller tiles or a smaller image, or raise maxMemory (bytes; --max-memory, MiB).`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
