/** Removes metadata that its owner does not want to publish. */
import type { Metadata } from "./header.ts";
import type { MetadataUse } from "../types.ts";
import { withoutLocation } from "./exif.ts";
import { withoutIptcLocation } from "./photoshop.ts";
import { keywordOf } from "./png/text.ts";
import { namesPlace, withoutXmpLocation } from "./xmp.ts";

/**
 * Returns the metadata to write. `strip` keeps only what defines colours and
 * sizes: the ICC profile, PNG's colour chunks, the resolution. `strip-location`
 * removes GPS data and names of places from EXIF, XMP, IPTC and PNG's texts, and
 * all of JPEG's extended XMP.
 */
export function stripMetadata(metadata: Metadata, use: MetadataUse): Metadata {
  if (use === "keep") return metadata;
  const { icc, colours, resolution, exif, xmp, photoshop, texts } = metadata;
  if (use === "strip") {
    return {
      ...(icc && { icc }),
      ...(colours && { colours }),
      ...(resolution && { resolution }),
    };
  }
  const placeless = exif && withoutLocation(exif);
  const xmpLess = xmp && withoutXmpLocation(xmp);
  // ImageMagick writes EXIF's values as texts: exif:GPSLatitude.
  const others = texts?.filter((text) => !namesPlace(keywordOf(text)));
  // The extended XMP, which is not looked into, may say it too.
  const { exif: _, xmp: __, xmpParts: ___, texts: ____, ...rest } = metadata;
  return {
    ...rest,
    ...(others && others.length > 0 && { texts: others }),
    ...(placeless && { exif: placeless }),
    ...(xmpLess && { xmp: xmpLess }),
    ...(photoshop && { photoshop: withoutIptcLocation(photoshop) }),
  };
}
