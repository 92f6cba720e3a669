import { LimpidError } from "../errors.ts";

/**
 * Refuses a picture that the format has no numbers for.
 *
 * @param most Most pixels of a side that the format holds.
 * @param instead Formats that hold more, for people.
 * @throws {LimpidError} `invalid-option`
 */
export function checkSide(
  { width, height }: { readonly width: number; readonly height: number },
  format: string,
  most: number,
  instead: string,
): void {
  if (Math.max(width, height) <= most) return;
  throw new LimpidError(
    "invalid-option",
    `${format} holds at most ${most} pixels a side, the picture is ${width}x${height}; write ${instead} instead.`,
  );
}
