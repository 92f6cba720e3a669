/** Decoders for the formats that ImageMagick reads. */
import { foundMetadata } from "./found_metadata.ts";
import { withoutExifPrefix } from "./exif.ts";
import type { DecodedPixels } from "./decoded_pixels.ts";
import type { ImageInfo } from "./header.ts";
import { lightThroughInks } from "./inks.ts";
import { decodeWithMagick, type MagickFormat } from "./magick.ts";

/** Makes the decoder of one format. */
export function magickDecoder(
  format: MagickFormat,
): (bytes: Uint8Array, info: ImageInfo) => Promise<DecodedPixels> {
  return async (bytes) => {
    const { width, height, data, cmyk, lab, warnings, profiles } =
      await decodeWithMagick(bytes, format);
    const { icc, exif, xmp } = profiles;
    if (cmyk) lightThroughInks(data);
    return {
      width,
      height,
      data,
      metadata: foundMetadata({
        // A profile of L*a*b* does not describe sRGB.
        icc: lab ? undefined : icc,
        exif: exif && withoutExifPrefix(exif),
        xmp,
      }),
      warnings: [
        ...(cmyk
          ? [
            `The ${format}'s inks (CMYK) were turned into RGB without their colour profile; colours are approximate.`,
          ]
          : []),
        ...(lab
          ? [`The ${format}'s L*a*b* colours were turned into sRGB.`]
          : []),
        ...warnings.map((warning) =>
          `The ${format} has a fault, but could be decoded (${warning}).`
        ),
      ],
    };
  };
}
