import type { Metadata } from "./header.ts";
import type { Raster } from "../types.ts";

/** What a decoder returns. */
export interface DecodedPixels extends Raster {
  /** Faults of the file that did not prevent decoding, as sentences. */
  readonly warnings: readonly string[];
  /** Metadata that the decoder reads in addition to the header's. */
  readonly metadata?: Metadata;
}
