/**
 * Metadata as hexadecimal text ("Raw profile type exif"): how ImageMagick and
 * Exiv2 store in PNG what has no chunk of its own.
 */
import { Buffer } from "node:buffer";
import { latin1 } from "../bytes.ts";

const KEYWORD = "Raw profile type ";
/** Digits of a line. */
const LINE = 72;

/** The kind of profile that a text's keyword names; `null` for other texts. */
export function rawProfileType(keyword: string): string | null {
  return keyword.startsWith(KEYWORD)
    ? keyword.slice(KEYWORD.length).toLowerCase()
    : null;
}

/** The keyword of a raw profile. */
export function rawProfileKeyword(type: string): string {
  return KEYWORD + type;
}

/** The bytes of a raw profile; `undefined` where the text is none. */
export function readRawProfile(text: Uint8Array): Uint8Array | undefined {
  const whole = Buffer.from(text).toString("latin1");
  // A line with the name, a line with the length, then the digits.
  const start = /^\s*\S{1,80}\s+(\d{1,9})\s/.exec(whole);
  if (start === null) return undefined;
  const digits = whole.slice(start[0].length).replace(/\s+/g, "");
  const bytes = Buffer.from(digits, "hex");
  const length = Number(start[1]);
  return length > 0 && bytes.length >= length
    ? new Uint8Array(bytes.subarray(0, length))
    : undefined;
}

/** A raw profile's text. */
export function writeRawProfile(
  type: string,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const digits = Buffer.from(bytes).toString("hex");
  const lines = digits.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return latin1(
    `\n${type}\n${String(bytes.length).padStart(8)}\n${lines.join("\n")}\n`,
  );
}
