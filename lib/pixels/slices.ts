import { setImmediate } from "node:timers/promises";
import type { Span } from "../tiling/tile_plan.ts";

/** Pixels processed between two turns of the event loop: a few milliseconds. */
export const SLICE = 2 ** 19;

/** The pixels from 0 to `length` in slices; other work runs between two. */
export async function* slices(length: number): AsyncGenerator<Span, void> {
  for (let from = 0; from < length; from += SLICE) {
    if (from > 0) await setImmediate();
    yield { from, to: Math.min(length, from + SLICE) };
  }
}
