import type { OutputFormat } from "../../types.ts";

/** The format of an image file, by its first bytes, or PNG where that cannot be written. */
export function ownFormat(bytes: Uint8Array): OutputFormat {
  switch (bytes[0]) {
    case 0xff:
      return "jpeg";
    case 0x52:
      return "webp";
    default:
      return "png";
  }
}

/** The media type of an image that was written, by its first bytes. */
export function mediaType(bytes: Uint8Array): string {
  switch (bytes[0]) {
    case 0x89:
      return "image/png";
    case 0xff:
      return "image/jpeg";
    default:
      return "image/webp";
  }
}
