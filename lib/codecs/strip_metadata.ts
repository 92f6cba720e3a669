/** Metadata without what its owner does not want to give away. */
import type { Metadata, MetadataUse } from "../types.ts";
import { withoutLocation } from "./exif.ts";
import { withoutXmpLocation } from "./xmp.ts";

/**
 * What of the metadata is written. `strip` leaves what colours and sizes mean:
 * the ICC profile, PNG's colour chunks, the resolution. `strip-location` takes
 * away what GPS receivers say, in EXIF and XMP.
 *
 * @returns the same object where nothing is taken away
 */
export function stripMetadata(metadata: Metadata, use: MetadataUse): Metadata {
  if (use === "keep") return metadata;
  const { icc, colours, resolution, exif, xmp } = metadata;
  if (use === "strip") {
    const kept = {
      ...(icc && { icc }),
      ...(colours && { colours }),
      ...(resolution && { resolution }),
    };
    return Object.keys(kept).length === Object.keys(metadata).length
      ? metadata
      : kept;
  }
  const placeless = exif && withoutLocation(exif);
  const xmpLess = xmp && withoutXmpLocation(xmp);
  if (placeless === exif && xmpLess === xmp) return metadata;
  const { exif: _, xmp: __, ...rest } = metadata;
  return {
    ...rest,
    ...(placeless && { exif: placeless }),
    ...(xmpLess && { xmp: xmpLess }),
  };
}
