import type { Metadata, Raster } from "../types.ts";

/** What a decoder makes of a file's pixels. */
export interface DecodedPixels extends Raster {
  /** What was wrong with the file and did no harm, in sentences for people. */
  readonly warnings: readonly string[];
  /** Metadata that only the decoder sees, beside the header's. */
  readonly metadata?: Metadata;
}
