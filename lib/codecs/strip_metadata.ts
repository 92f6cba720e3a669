/** Removes metadata that its owner does not want to publish. */
import { foundMetadata } from "./found_metadata.ts";
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
  if (use === "strip") return foundMetadata({ icc, colours, resolution });
  return foundMetadata({
    ...metadata,
    // ImageMagick writes EXIF's values as texts: exif:GPSLatitude.
    texts: texts?.filter((text) => !namesPlace(keywordOf(text))),
    exif: exif && withoutLocation(exif),
    xmp: xmp && withoutXmpLocation(xmp),
    // It is not looked into, and may say it too.
    xmpParts: undefined,
    photoshop: photoshop && withoutIptcLocation(photoshop),
  });
}
