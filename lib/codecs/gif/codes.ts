/** The codes of a GIF's pixels (LZW: GIF89a, appendix F). */
import { LimpidError } from "../../errors.ts";

/** Bits of the longest code. */
const LONGEST = 12;
/**
 * How often the table may begin anew: its entries times beginnings, for each
 * code and at the start. Encoders begin anew once it is full; those that do not
 * compress, once a code would need another bit.
 */
const ENTRIES_A_CODE = 64, FREE_ENTRIES = 2 ** 18;

/**
 * Leaves out what comes after the last pixel. A decoder's time depends on the
 * codes, and most of it goes into beginning the table anew.
 *
 * @param codeSize Bits of a pixel.
 * @throws {LimpidError} `corrupt-image` where the table begins anew again and
 * again.
 */
export function neededCodes(
  codes: Uint8Array,
  codeSize: number,
  pixels: number,
): Uint8Array {
  // Decoders refuse longer ones, and differ in when shorter ones grow.
  if (codeSize >= LONGEST || codeSize < 2) return codes;
  const clear = 2 ** codeSize, end = clear + 1;
  let width = codeSize + 1, next = end + 1;
  let buffer = 0, bits = 0, at = 0, begun = 0;
  // Each code is a pixel at least.
  for (let left = pixels; left > 0;) {
    while (bits < width && at < codes.length) {
      buffer |= codes[at++]! << bits;
      bits += 8;
    }
    if (bits < width) break;
    const code = buffer & (1 << width) - 1;
    buffer >>>= width;
    bits -= width;
    if (code === end) break;
    if (code === clear) {
      begun++;
      const most = FREE_ENTRIES + ENTRIES_A_CODE * (pixels - left);
      if (begun * clear > most) {
        throw new LimpidError(
          "corrupt-image",
          "The GIF is damaged: its table of codes begins anew again and again.",
        );
      }
      width = codeSize + 1;
      next = end + 1;
      continue;
    }
    left--;
    if (next < 2 ** LONGEST && ++next > 2 ** width && width < LONGEST) width++;
  }
  // The end code follows.
  return codes.subarray(0, at + 2);
}
