/**
 * Edits the few properties of XMP that describe the stored pixels, in the
 * packet's text. All else keeps its bytes.
 */
import { Buffer } from "node:buffer";
import type { Orientation } from "./header.ts";

/** Longest XMP packet that is read from a GIF, in bytes. */
export const MAX_XMP_BYTES = 4 * 1024 * 1024;

/** Matches a simple property as XMP writes it: an attribute, or an element. */
function property(name: string): RegExp {
  return new RegExp(
    `(\\s${name}\\s*=\\s*["']|<${name}>\\s*)(\\d{1,9})(?=\\s*(?:["']|</${name}>))`,
    "g",
  );
}

const ORIENTATION = property("tiff:Orientation");
const WIDTHS = ["tiff:ImageWidth", "exif:PixelXDimension"].map(property);
const HEIGHTS = ["tiff:ImageLength", "exif:PixelYDimension"].map(property);

/** Properties of a gain map (Ultra HDR), and the list of the file's images. */
const GAIN_MAP = /\shdrgm:\w{1,40}\s*=\s*("[^"<]*"|'[^'<]*')/g;
const IMAGES = ["<Container:Directory>", "</Container:Directory>"] as const;

/** The orientation in an XMP packet; `null` where it is missing or invalid. */
export function readXmpOrientation(
  xmp: Uint8Array | undefined,
): Orientation | null {
  const text = xmp && textOf(xmp);
  const value = Number(text?.matchAll(ORIENTATION).next().value?.[2] ?? 0);
  return value >= 1 && value <= 8 ? value as Orientation : null;
}

/** Whether an XMP packet announces a gain map. */
export function announcesGainMap(xmp: Uint8Array): boolean {
  return /\shdrgm:Version\b/.test(textOf(xmp) ?? "");
}

/**
 * A copy of an XMP packet for an image that was turned upright: orientation 1,
 * this size, no gain map.
 */
export function resetXmp(
  xmp: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  let text = textOf(xmp);
  if (text === null) return new Uint8Array(xmp);
  const set = (pattern: RegExp, value: number): void => {
    text = text!.replace(pattern, `$1${value}`);
  };
  set(ORIENTATION, 1);
  for (const pattern of WIDTHS) set(pattern, width);
  for (const pattern of HEIGHTS) set(pattern, height);
  if (announcesGainMap(xmp)) {
    text = text.replace(GAIN_MAP, "");
    const [begin, end] = IMAGES.map((mark) => text!.indexOf(mark));
    if (begin! >= 0 && end! > begin!) {
      text = text.slice(0, begin) + text.slice(end! + IMAGES[1].length);
    }
  }
  return bytesOf(text);
}

/** An XMP packet without its padding for editing in place. */
export function withoutPadding(xmp: Uint8Array): Uint8Array {
  const text = textOf(xmp);
  const end = text?.lastIndexOf("<?xpacket end=") ?? -1;
  return end < 0
    ? xmp
    : bytesOf(`${text!.slice(0, end).trimEnd()}\n${text!.slice(end)}`);
}

/**
 * Local names of properties of places (IPTC Photo Metadata Standard 2023.2, and
 * what cameras and programs write like that), whatever the prefix.
 */
const PLACE =
  "gps\\w{0,40}|city|state|country|countrycode|location(?:created|shown)?";
/** They are attributes or elements. */
const PLACE_ATTRIBUTE = new RegExp(
  `\\s[\\w-]{1,40}:(?:${PLACE})\\s*=\\s*("[^"]*"|'[^']*')`,
  "gi",
);
const PLACE_OPENING = new RegExp(
  `<([\\w-]{1,40}:(?:${PLACE}))(?=[\\s/>])[^<>]*>`,
  "gi",
);
const PLACE_CLOSING = new RegExp(`</([\\w-]{1,40}:(?:${PLACE}))\\s*>`, "gi");
const PLACE_LEFT = new RegExp(`:(?:${PLACE})(?!\\w)`, "i");
const PLACE_NAME = new RegExp(`(?:^|:)(?:${PLACE})$|gps`, "i");

/** Whether a property's name, with its prefix or without, is that of a place. */
export function namesPlace(name: string): boolean {
  return PLACE_NAME.test(name);
}

/**
 * An XMP packet without properties of places.
 *
 * @returns the same bytes where there are none; `undefined` where the packet
 * cannot be read, or is written so that a place may be left in it
 */
export function withoutXmpLocation(xmp: Uint8Array): Uint8Array | undefined {
  const text = textOf(xmp);
  if (text === null) return undefined;
  if (!PLACE_LEFT.test(text)) return xmp;
  // A tag in a comment or in raw data is none.
  if (/<!(?:--|\[CDATA)/.test(text)) return undefined;
  const placeless = withoutPlaceElements(text.replace(PLACE_ATTRIBUTE, ""));
  return PLACE_LEFT.test(placeless) ? undefined : bytesOf(placeless);
}

/**
 * A text without the elements of places, each up to the next closing
 * tag of its name. One pass over the tags: a pattern for all of an element would
 * look for each one's end from its beginning.
 */
function withoutPlaceElements(text: string): string {
  const ends = new Map<string, number[]>();
  for (const { 0: tag, 1: name, index } of text.matchAll(PLACE_CLOSING)) {
    const all = ends.get(name!) ?? [];
    ends.set(name!, all);
    all.push(index + tag.length);
  }
  // The next one is the last.
  for (const all of ends.values()) all.reverse();
  const kept: string[] = [];
  let from = 0;
  for (const { 0: tag, 1: name, index } of text.matchAll(PLACE_OPENING)) {
    if (index < from) continue;
    let end: number | undefined = index + tag.length;
    if (!tag.endsWith("/>")) {
      const all = ends.get(name!) ?? [];
      while (all.length > 0 && all.at(-1)! <= index) all.pop();
      end = all.at(-1);
    }
    if (end === undefined) continue;
    kept.push(text.slice(from, index));
    from = end;
  }
  return kept.join("") + text.slice(from);
}

/** One character for each byte, whatever the encoding; `null` for UTF-16. */
function textOf(xmp: Uint8Array): string | null {
  return xmp.subarray(0, 200).includes(0)
    ? null
    : Buffer.from(xmp.buffer, xmp.byteOffset, xmp.length).toString("latin1");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
