/** What of a picture's metadata a format has a place for. */
import type { Metadata, OutputFormat } from "../types.ts";
import { profileSpace } from "./icc.ts";

/** What is written beside the pixels, and what is not. */
export interface Carried {
  readonly metadata: Metadata;
  /** What is left out, in sentences for people. */
  readonly warnings: readonly string[];
}

/** How formats are called among people. */
const NAMES = { png: "PNG", jpeg: "JPEG", webp: "WebP" } as const;

/** Whether a picture of one channel is written as such: the format must have that, and a profile fit it. */
export function isWrittenGrey(
  { icc }: Metadata,
  format: OutputFormat,
  grey: boolean,
): boolean {
  return grey && format !== "webp" &&
    (icc === undefined || profileSpace(icc) !== "RGB");
}

/**
 * What a format takes of the metadata.
 *
 * @param grey Whether the file came with one channel.
 */
export function carriedMetadata(
  metadata: Metadata,
  format: OutputFormat,
  grey: boolean,
): Carried {
  const warnings: string[] = [];
  const { icc, ...rest } = metadata;
  const space = icc && profileSpace(icc);
  const wanted = isWrittenGrey(metadata, format, grey) ? "GRAY" : "RGB";
  // That colours are approximate without the profile of inks was said when they were turned into RGB.
  if (icc && space !== wanted && space !== "CMYK") {
    warnings.push(
      space === "GRAY"
        ? `The grey colour profile is left out: ${
          NAMES[format]
        } holds the picture as RGB; PNG and JPEG keep it.`
        : "The colour profile is left out: it does not describe such pixels.",
    );
  }
  return {
    metadata: { ...rest, ...(icc && space === wanted && { icc }) },
    warnings,
  };
}
