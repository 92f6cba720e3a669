import { textAt } from "./bytes.ts";

/** Profiles longer than this are left behind; the largest in use are under 2 MiB. */
export const MAX_ICC_BYTES = 4 * 1024 * 1024;

/**
 * Whether a colour profile may stand in a file of RGB pixels. Grey and CMYK
 * profiles describe the stored pixels, not the RGB ones that were decoded from
 * them, and would turn every colour wrong.
 *
 * Header fields: ICC.1:2022, section 7.2 (colour space at 16, signature at 36).
 */
export function isRgbProfile(icc: Uint8Array): boolean {
  return icc.length >= 128 && icc.length <= MAX_ICC_BYTES &&
    textAt(icc, 16, 4) === "RGB " && textAt(icc, 36, 4) === "acsp";
}
