/**
 * Metadata as hexadecimal text ("Raw profile type exif"): how ImageMagick and
 * Exiv2 store in PNG what has no chunk of its own.
 */
import { Buffer } from "node:buffer";
import { concat, latin1 } from "../bytes.ts";

const KEYWORD = "Raw profile type ";
/** A line of digits. */
const EACH_LINE = /.{1,72}/g;
/** Bytes that are written at once: whole lines. */
const PIECE = 36 * 1000;
/** The highest of the characters that are white space. */
const SPACE = 0x20;

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

/** Bytes in which a raw profile's name and length stand. */
const HEAD = 200;

/** The bytes of a raw profile; `undefined` where the text is none. */
export function readRawProfile(text: Uint8Array): Uint8Array | undefined {
  const head = Buffer.from(text.subarray(0, HEAD)).toString("latin1");
  // A line with the name, a line with the length, then the digits.
  const start = /^\s*\S{1,80}\s+(\d{1,9})\s/.exec(head);
  const length = Number(start?.[1] ?? 0);
  if (length === 0 || 2 * length > text.length) return undefined;
  const bytes = new Uint8Array(length);
  let digits = 0;
  for (let at = start![0].length; digits < 2 * length; at++) {
    const character = text[at];
    if (character === undefined) return undefined;
    if (character <= SPACE) continue;
    const digit = parseInt(String.fromCharCode(character), 16);
    if (Number.isNaN(digit)) return undefined;
    bytes[digits >> 1]! |= digits % 2 === 0 ? digit << 4 : digit;
    digits++;
  }
  return bytes;
}

/** A raw profile's text. */
export function writeRawProfile(
  type: string,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const parts = [latin1(`\n${type}\n${String(bytes.length).padStart(8)}\n`)];
  for (let at = 0; at < bytes.length; at += PIECE) {
    const digits = bytes.subarray(at, at + PIECE).toHex();
    parts.push(latin1(digits.replace(EACH_LINE, "$&\n")));
  }
  return concat(parts);
}
