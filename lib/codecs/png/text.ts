/** PNG's text chunks (PNG specification, section 11.3.3). */
import type { NamedBlock } from "../header.ts";
import { inflateSync } from "node:zlib";
import { concat, latin1, textAt } from "../bytes.ts";

/** The types of text chunks. */
export const TEXT_CHUNKS: ReadonlySet<string> = new Set([
  "tEXt",
  "zTXt",
  "iTXt",
]);
/** Keyword of the text that holds XMP. */
export const XMP_KEYWORD = "XML:com.adobe.xmp";
/** Keyword of a general comment. */
export const COMMENT_KEYWORD = "Comment";

/** The keyword of a text chunk; empty where it has none. */
export function keywordOf({ data }: NamedBlock): string {
  const end = data.subarray(0, 80).indexOf(0);
  return end < 1 ? "" : textAt(data, 0, end);
}

/**
 * The text of a chunk, in UTF-8 for `iTXt` and in Latin-1 for others.
 *
 * @param most Longest text in bytes; a longer one is not inflated.
 * @returns `undefined` where it is damaged or too long
 */
export function textOf(
  chunk: NamedBlock,
  most: number,
): Uint8Array | undefined {
  const { type, data } = chunk;
  let at = data.subarray(0, 80).indexOf(0) + 1;
  if (at === 0) return undefined;
  let compressed = type === "zTXt";
  if (type === "zTXt") at += 1; // method
  if (type === "iTXt") {
    compressed = data[at] === 1;
    // Compression flag and method, language, translated keyword.
    at = data.indexOf(0, at + 2) + 1;
    if (at === 0) return undefined;
    at = data.indexOf(0, at) + 1;
    if (at === 0) return undefined;
  }
  const text = data.subarray(at);
  if (!compressed) return text.length <= most ? text : undefined;
  try {
    // The limit stops inflation itself, so a bomb does not unfold.
    return new Uint8Array(inflateSync(text, { maxOutputLength: most }));
  } catch {
    return undefined;
  }
}

/** A text chunk in UTF-8. */
export function utf8Text(keyword: string, text: Uint8Array): NamedBlock {
  // Not compressed, no language, no translated keyword.
  const head = latin1(`${keyword}\0\0\0\0\0`);
  return { type: "iTXt", data: concat([head, text]) };
}

/** A text chunk in Latin-1. */
export function latin1Text(keyword: string, text: Uint8Array): NamedBlock {
  return { type: "tEXt", data: concat([latin1(`${keyword}\0`), text]) };
}
