/** What is done where a device's memory does not suffice. */
import { LimpidError } from "./errors.ts";
import { type Cut, MULTIPLE, SMALLEST_TILE } from "./tiles.ts";

/** The work's result, and how the picture was cut in the end. */
export interface Fitted<T> {
  readonly value: T;
  readonly cut: Cut;
}

/**
 * Does the work; where memory does not suffice, again with tiles of half the
 * side, down to {@linkcode SMALLEST_TILE}; their halo stays.
 *
 * @throws {LimpidError} what `work` throws; `out-of-memory` at the smallest tiles only
 */
export async function withSmallerTiles<T>(
  cut: Cut,
  work: (cut: Cut) => Promise<T>,
): Promise<Fitted<T>> {
  try {
    return { value: await work(cut), cut };
  } catch (error) {
    const smaller = halved(cut);
    const memory = error instanceof LimpidError &&
      error.code === "out-of-memory";
    if (!memory || smaller === null) throw error;
    return await withSmallerTiles(smaller, work);
  }
}

function halved({ tile, halo }: Cut): Cut | null {
  if (tile <= SMALLEST_TILE) return null;
  const half = Math.ceil(tile / 2 / MULTIPLE) * MULTIPLE;
  return { tile: Math.max(SMALLEST_TILE, half), halo };
}
