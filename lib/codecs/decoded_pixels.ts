import type { Raster } from "../types.ts";

/** What a decoder makes of a file's pixels. */
export interface DecodedPixels extends Raster {
  /** What was wrong with the file and did no harm, in sentences for people. */
  readonly warnings: readonly string[];
}
