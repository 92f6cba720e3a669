import { textAt } from "./bytes.ts";

/** Longer profiles are dropped; the largest in use are under 2 MiB. */
export const MAX_ICC_BYTES = 4 * 1024 * 1024;

/** The colour spaces of pixels that a profile can describe here. */
export type ProfileSpace = "RGB" | "GRAY" | "CMYK";

/**
 * The colour space that a profile describes. In a file of other pixels the
 * profile would make every colour wrong.
 *
 * Header fields: ICC.1:2022, section 7.2 (colour space at 16, signature at 36).
 *
 * @returns `null` where `icc` is no profile, is too long, or of another space
 */
export function profileSpace(icc: Uint8Array): ProfileSpace | null {
  if (
    icc.length < 128 || icc.length > MAX_ICC_BYTES ||
    textAt(icc, 36, 4) !== "acsp"
  ) return null;
  const space = textAt(icc, 16, 4).trimEnd();
  return space === "RGB" || space === "GRAY" || space === "CMYK" ? space : null;
}
