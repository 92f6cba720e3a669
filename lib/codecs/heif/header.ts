/**
 * HEIC and AVIF: images in ISO base media files (ISO/IEC 23008-12, HEIF). Reads
 * only the boxes that give the size of the primary image, each once, and no
 * more boxes than real files have.
 */
import { LimpidError } from "../../errors.ts";
import { FORMATS } from "../../formats.ts";
import { textAt, viewOf } from "../bytes.ts";
import type { FileHeader } from "../header.ts";
import { av1Frames } from "./av1_frames.ts";
import type { Box } from "./boxes.ts";

/** Most boxes in a container, and most items. */
const MAX_BOXES = 4096;
/** Pixels of all stored images (tiles, thumbnails, depth, alpha), as a multiple of the primary image's. */
const MAX_STORED = 4;

/** Primaries, of sRGB too; what is not described; transfers that viewers show as sRGB's (ITU-T H.273). */
const BT709 = 1, UNSPECIFIED = 2, SRGB_LIKE = [1, 6, 13];

/** The properties of an item that are read. */
interface Property {
  readonly size?: { readonly width: number; readonly height: number };
  /** Quarter turns. */
  readonly turns?: number;
  readonly cropped?: { readonly width: number; readonly height: number };
  readonly depth?: number;
  /** Code points as in PNG's cICP (ITU-T H.273). */
  readonly colours?: Uint8Array;
  readonly hasProfile?: boolean;
}

/** @throws {LimpidError} `corrupt-image`, `unsupported-format` for sequences without an image */
export function readHeifHeader(bytes: Uint8Array): FileHeader {
  const view = viewOf(bytes);
  const top = boxesIn(view, 0, bytes.length);
  const brands = textAt(bytes, 8, Math.min(64, (top[0]?.to ?? 8) - 8));
  const format = /avi[fs]/.test(brands) ? "avif" : "heic";
  const meta = top.find(({ type }) => type === "meta");
  if (meta === undefined) {
    throw new LimpidError(
      "unsupported-format",
      `The input has no still image: it is cut off, or a film, which is not read; save one of its images as PNG or JPEG.`,
    );
  }
  const inner = boxesIn(view, meta.from + 4, meta.to);
  const properties = inner.find(({ type }) => type === "iprp");
  if (properties === undefined) throw damaged(format, "it has no properties");
  const parts = boxesIn(view, properties.from, properties.to);
  const container = parts.find(({ type }) => type === "ipco");
  if (container === undefined) throw damaged(format, "it has no properties");
  const stated = boxesIn(view, container.from, container.to);
  const all = stated.map((box) => propertyOf(view, box));
  const primary = primaryItem(view, inner);
  const own = parts.filter(({ type }) => type === "ipma")
    .flatMap((box) => associated(view, box, primary))
    .map((index) => all[index - 1] ?? {});
  const size = own.find((property) => property.size)?.size;
  if (size === undefined) throw damaged(format, "its image has no size");
  const stored = all.reduce(
    (sum, { size }) => sum + (size ? size.width * size.height : 0),
    0,
  );
  const coded = av1Frames(bytes, view, inner, stated)
    .reduce((sum, { width, height }) => sum + width * height, 0);
  const most = MAX_STORED * Math.max(size.width * size.height, 2 ** 18);
  if (stored > most || coded > most) {
    throw damaged(format, "it stores far more pixels than its image has");
  }
  const shown = own.reduce<{ width: number; height: number }>(
    (now, { cropped, turns = 0 }) => {
      const { width, height } = cropped ?? now;
      return turns % 2 === 0
        ? { width, height }
        : { width: height, height: width };
    },
    size,
  );
  // A profile says more, and programs would heed PNG's cICP first.
  const colours = own.some(({ hasProfile }) => hasProfile)
    ? undefined
    : own.find((property) => property.colours)?.colours;
  const depth = own.find((property) => property.depth)?.depth ?? 8;
  return {
    info: {
      format,
      ...shown,
      // The decoder turns the image as the file says; EXIF's orientation is
      // ignored.
      orientation: 1,
      bitDepth: depth,
      hasAlpha: true,
      grey: false,
      cmyk: false,
      lossless: false,
    },
    metadata: colours === undefined
      ? {}
      : { colours: [{ type: "cICP", data: colours }] },
    warnings: [],
    left: top.some(({ type }) => type === "moov")
      ? ["The file holds a sequence of images; only its still image is read."]
      : [],
  };
}

/** The boxes in a range; a box that is too long for it ends the list. */
function boxesIn(view: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  while (from + 8 <= to && boxes.length < MAX_BOXES) {
    const short = view.getUint32(from);
    const type = textAt(bytesOf(view), from + 4, 4);
    const wide = short === 1 && from + 16 <= to;
    const length = wide
      ? Number(view.getBigUint64(from + 8))
      : short === 0
      ? to - from
      : short;
    const head = wide ? 16 : 8;
    if (length < head || from + length > to) break;
    boxes.push({ type, from: from + head, to: from + length });
    from += length;
  }
  return boxes;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function propertyOf(view: DataView, { type, from, to }: Box): Property {
  const room = to - from;
  if (type === "ispe" && room >= 12) {
    return {
      size: {
        width: view.getUint32(from + 4),
        height: view.getUint32(from + 8),
      },
    };
  }
  if (type === "irot" && room >= 1) {
    return { turns: view.getUint8(from) & 3 };
  }
  if (type === "clap" && room >= 16) {
    const part = (at: number): number =>
      Math.floor(view.getUint32(at) / (view.getUint32(at + 4) || 1));
    return { cropped: { width: part(from), height: part(from + 8) } };
  }
  if (type === "pixi" && room >= 6) return { depth: view.getUint8(from + 5) };
  if (type === "colr" && room >= 8) {
    const kind = textAt(bytesOf(view), from, 4);
    if (kind !== "nclx") return { hasProfile: true };
    const colours = codePoints(view, from + 4);
    return colours === undefined ? {} : { colours };
  }
  return {};
}

/**
 * Primaries and transfer of an image's colours, as PNG's cICP has them: the
 * samples are RGB of full range once they are decoded. None where they are not
 * known, or as good as sRGB.
 */
function codePoints(view: DataView, at: number): Uint8Array | undefined {
  const [primaries, transfer] = [view.getUint16(at), view.getUint16(at + 2)];
  const isUsual = primaries === BT709 && SRGB_LIKE.includes(transfer);
  return isUsual || primaries === UNSPECIFIED || transfer === UNSPECIFIED
    ? undefined
    : Uint8Array.of(primaries, transfer, 0, 1);
}

/** The id of the primary item; 0 where the file names none. */
function primaryItem(view: DataView, boxes: readonly Box[]): number {
  const box = boxes.find(({ type }) => type === "pitm");
  if (box === undefined || box.to - box.from < 6) return 0;
  const version = view.getUint8(box.from);
  return version === 0 || box.to - box.from < 8
    ? view.getUint16(box.from + 4)
    : view.getUint32(box.from + 4);
}

/** The indices, from 1, of an item's properties. */
function associated(
  view: DataView,
  { from, to }: Box,
  item: number,
): number[] {
  if (to - from < 8) return [];
  const version = view.getUint8(from);
  const wide = (view.getUint8(from + 3) & 1) === 1;
  const count = Math.min(view.getUint32(from + 4), MAX_BOXES);
  let at = from + 8;
  for (let i = 0; i < count; i++) {
    const head = version < 1 ? 2 : 4;
    if (at + head + 1 > to) return [];
    const id = version < 1 ? view.getUint16(at) : view.getUint32(at);
    const indices = view.getUint8(at + head);
    at += head + 1;
    const step = wide ? 2 : 1;
    if (at + indices * step > to) return [];
    if (id === item) {
      return Array.from(
        { length: indices },
        (_, k) =>
          wide
            ? view.getUint16(at + 2 * k) & 0x7fff
            : view.getUint8(at + k) & 0x7f,
      );
    }
    at += indices * step;
  }
  return [];
}

function damaged(format: "avif" | "heic", why: string): LimpidError {
  return new LimpidError(
    "corrupt-image",
    `The ${FORMATS[format].name} is damaged: ${why}.`,
  );
}
