/** The media type of an image, by its first bytes. */
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
