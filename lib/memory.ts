/** What a picture takes of memory, told before it is decoded. */
import { LimpidError } from "./errors.ts";
import type { Settings } from "./options.ts";

/**
 * Most bytes for each pixel of the picture that are there at the same time,
 * measured as the peak of whole runs with 24 megapixels less that of runs with
 * 2. In, out and the masks of four tasks are 12 of them, and the codecs hold
 * the picture up to three times more.
 */
const PER_PIXEL = 32;
/** And for each pixel of a tile: what the networks' layers hold. */
const PER_TILE_PIXEL = 1500;
/** Times that a file is there: the caller's, the Worker's, the codec's, and the one written. */
const FILES = 4;

/** @returns bytes that a picture takes at most, beyond program and models; an estimate */
export function peakBytes(
  picture: { readonly width: number; readonly height: number },
  fileBytes: number,
  { tile }: Pick<Settings, "tile">,
): number {
  const pixels = picture.width * picture.height;
  return pixels * PER_PIXEL + tile ** 2 * PER_TILE_PIXEL + fileBytes * FILES;
}

/** @throws {LimpidError} `too-much-memory` where a picture would take more than the limit. */
export function checkMemory(
  picture: { readonly width: number; readonly height: number },
  fileBytes: number,
  settings: Pick<Settings, "tile">,
  maxMemory: number | null,
): void {
  const bytes = peakBytes(picture, fileBytes, settings);
  if (maxMemory === null || bytes <= maxMemory) return;
  const { width, height } = picture;
  throw new LimpidError(
    "too-much-memory",
    `The picture of ${width}x${height} pixels takes about ${
      mebibytes(bytes)
    } with tiles of ${settings.tile}, the limit is ${
      mebibytes(maxMemory)
    }; raise maxMemory, or use smaller tiles or a smaller picture.`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** Whether an error says that there is no more memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError &&
    /out of memory|allocat/i.test(error.message);
}

/** The error for callers where {@linkcode isOutOfMemory}. */
export function outOfMemory(cause: unknown): LimpidError {
  return new LimpidError(
    "too-much-memory",
    "There is not enough memory for the picture; use a smaller one, or smaller tiles.",
    { cause },
  );
}
