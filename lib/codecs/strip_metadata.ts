/** Removes metadata that its owner does not want to publish. */
import type { Metadata, MetadataUse } from "../types.ts";
import { withoutLocation } from "./exif.ts";
import { withoutXmpLocation } from "./xmp.ts";

/**
 * Returns the metadata to write. `strip` keeps only what defines colours and
 * sizes: the ICC profile, PNG's colour chunks, the resolution. `strip-location`
 * removes GPS data from EXIF and XMP, and all of JPEG's extended XMP.
 *
 * @returns the same object where nothing is removed
 */
export function stripMetadata(metadata: Metadata, use: MetadataUse): Metadata {
  if (use === "keep") return metadata;
  const { icc, colours, resolution, exif, xmp, xmpParts } = metadata;
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
  if (placeless === exif && xmpLess === xmp && !xmpParts) return metadata;
  // The extended XMP, which is not looked into, may say it too.
  const { exif: _, xmp: __, xmpParts: ___, ...rest } = metadata;
  return {
    ...rest,
    ...(placeless && { exif: placeless }),
    ...(xmpLess && { xmp: xmpLess }),
  };
}
