import { textAt } from "./bytes.ts";

/** Profiles longer than this are left behind; the largest in use are under 2 MiB. */
export const MAX_ICC_BYTES = 4 * 1024 * 1024;

/** What the numbers are that a profile describes. */
export type ProfileSpace = "RGB" | "GRAY" | "CMYK";

/**
 * What a colour profile describes. In a file of other pixels it would turn
 * every colour wrong.
 *
 * Header fields: ICC.1:2022, section 7.2 (colour space at 16, signature at 36).
 *
 * @returns `null` where it is no profile, is too long, or of another space
 */
export function profileSpace(icc: Uint8Array): ProfileSpace | null {
  if (
    icc.length < 128 || icc.length > MAX_ICC_BYTES ||
    textAt(icc, 36, 4) !== "acsp"
  ) return null;
  const space = textAt(icc, 16, 4).trimEnd();
  return space === "RGB" || space === "GRAY" || space === "CMYK" ? space : null;
}
