/** Parses amounts of bytes. */
import { LimpidError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/**
 * Parses `500MB`, `2 GiB` or `1000000`.
 *
 * @param label The flag or variable that was set, for the message.
 * @throws {LimpidError} `invalid-option`
 */
export function parseBytes(text: string, label: string): number {
  const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i
    .exec(text) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  if (number !== undefined && factor !== undefined) {
    return Math.round(Number(number) * factor);
  }
  throw new LimpidError(
    "invalid-option",
    `${label} must be an amount of bytes such as 500MB or 2GiB, not "${text}".`,
  );
}
