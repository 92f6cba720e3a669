/**
 * The little of XMP that Limpid touches, in the packet's own text: what
 * describes the pixels as they were stored. All else stays byte for byte.
 */
import { Buffer } from "node:buffer";
import type { Orientation } from "./header.ts";

/** Longest XMP packet that is looked at, in bytes; longer ones are left behind. */
export const MAX_XMP_BYTES = 4 * 1024 * 1024;

/** A simple property as XMP writes it: an attribute, or an element. */
function property(name: string): RegExp {
  return new RegExp(
    `(\\s${name}\\s*=\\s*["']|<${name}>\\s*)(\\d{1,9})(?=\\s*(?:["']|</${name}>))`,
    "g",
  );
}

const ORIENTATION = property("tiff:Orientation");
const WIDTHS = ["tiff:ImageWidth", "exif:PixelXDimension"].map(property);
const HEIGHTS = ["tiff:ImageLength", "exif:PixelYDimension"].map(property);

/** What announces a gain map (Ultra HDR): a version, and a list of the file's images. */
const GAIN_MAP = /\shdrgm:\w{1,40}\s*=\s*("[^"<]*"|'[^'<]*')/g;
const IMAGES = ["<Container:Directory>", "</Container:Directory>"] as const;

/** The orientation that an XMP packet gives; `null` where it gives none, or nonsense. */
export function readXmpOrientation(xmp: Uint8Array): Orientation | null {
  const value = Number(
    textOf(xmp)?.matchAll(ORIENTATION).next().value?.[2] ?? 0,
  );
  return value >= 1 && value <= 8 ? value as Orientation : null;
}

/** Whether an XMP packet announces a gain map. */
export function announcesGainMap(xmp: Uint8Array): boolean {
  return /\shdrgm:Version\b/.test(textOf(xmp) ?? "");
}

/** A copy of an XMP packet for an image turned upright, of this size, alone in its file. */
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

/** An XMP packet without the room that it leaves for editing in place. */
export function withoutPadding(xmp: Uint8Array): Uint8Array {
  const text = textOf(xmp);
  const end = text?.lastIndexOf("<?xpacket end=") ?? -1;
  return end < 0
    ? xmp
    : bytesOf(`${text!.slice(0, end).trimEnd()}\n${text!.slice(end)}`);
}

/** What GPS receivers say, as attributes and as elements. */
const GPS_ATTRIBUTE = /\sexif:GPS\w+\s*=\s*("[^"]*"|'[^']*')/g;
const GPS_ELEMENT = /<exif:(GPS\w+)\b[^>]*?(\/>|>[^]*?<\/exif:\1\s*>)/g;

/**
 * An XMP packet without what a GPS receiver said.
 *
 * @returns the same bytes where it says nothing; `undefined` where it cannot be read
 */
export function withoutXmpLocation(xmp: Uint8Array): Uint8Array | undefined {
  const text = textOf(xmp);
  if (text === null) return undefined;
  const placeless = text.replace(GPS_ATTRIBUTE, "").replace(GPS_ELEMENT, "");
  return placeless === text ? xmp : bytesOf(placeless);
}

/** Bytes as characters, whatever those beyond ASCII stand for; `null` for UTF-16. */
function textOf(xmp: Uint8Array): string | null {
  return xmp.subarray(0, 200).includes(0)
    ? null
    : Buffer.from(xmp.buffer, xmp.byteOffset, xmp.length).toString("latin1");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
