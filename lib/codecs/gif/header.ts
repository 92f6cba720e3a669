import { foundMetadata } from "../found_metadata.ts";
import { LimpidError } from "../../errors.ts";
import { startsWith, viewOf } from "../bytes.ts";
import { MAX_ICC_BYTES } from "../icc.ts";
import type { FileHeader, Metadata } from "../header.ts";
import { MAX_XMP_BYTES } from "../xmp.ts";

const IMAGE = 0x2c, EXTENSION = 0x21, TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9, COMMENT = 0xfe, APPLICATION = 0xff;
/**
 * Bytes after XMP in a GIF, which let readers skip it as sub-blocks (XMP
 * specification, part 3).
 */
const XMP_TRAILER_BYTES = 258;

/** Most blocks that are read before the second frame. */
const MAX_BLOCKS = 10_000;

/** The first frame of a GIF, and where it lies on the screen. */
export interface GifFrame {
  /** The screen, enlarged to hold the frame, as in browsers. */
  readonly screen: { readonly width: number; readonly height: number };
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** The frame's palette, three bytes a colour; empty where there is none. */
  readonly palette: Uint8Array;
  /** Index of the transparent colour; `null` where there is none. */
  readonly transparent: number | null;
  /** Bits of the first LZW codes, less one. */
  readonly codeSize: number;
  /** The LZW codes of the pixels, in sub-blocks; cut off at the file's end. */
  readonly blocks: Uint8Array;
  /** Whether another frame follows. */
  readonly animated: boolean;
  readonly metadata: Metadata;
}

/**
 * Reads a GIF up to its second frame; the image has the screen's size.
 *
 * @throws {LimpidError} `corrupt-image` where the file ends before its first
 * frame begins.
 */
export function readGifHeader(bytes: Uint8Array): FileHeader {
  const frame = readGifFrame(bytes);
  const { screen: { width, height }, metadata, animated } = frame;
  return {
    info: {
      format: "gif",
      width,
      height,
      orientation: 1,
      bitDepth: 8,
      hasAlpha: frame.transparent !== null || frame.width < width ||
        frame.height < height,
      grey: false,
      cmyk: false,
      lossless: true,
    },
    metadata,
    warnings: [],
    left: animated
      ? ["The GIF is animated; only its first frame is read."]
      : [],
  };
}

/**
 * Reads the first frame, and the extensions before the second. It is as
 * tolerant as browsers: of a screen that is too small, and of missing sizes and
 * end marks.
 *
 * @throws {LimpidError} `corrupt-image`
 */
export function readGifFrame(bytes: Uint8Array): GifFrame {
  const view = viewOf(bytes);
  if (bytes.length < 13) throw truncated(bytes);
  const tableEnd = 13 + colourTableBytes(bytes[10]!);
  const found: Found = { comments: [] };
  let transparent: number | null = null;
  let frame: Omit<GifFrame, "animated" | "metadata"> | undefined;
  let animated = false;
  let at = tableEnd;
  let blocks = 0;
  while (at < bytes.length && bytes[at] !== TRAILER) {
    if (++blocks > MAX_BLOCKS) break;
    const block = bytes[at];
    if (block === EXTENSION) {
      const label = bytes[at + 1];
      const end = skipSubBlocks(bytes, at + 2);
      if (label === GRAPHIC_CONTROL && !frame && end - at >= 8) {
        // Size 4, then flags; bit 0: one index is transparent.
        transparent = bytes[at + 3]! & 1 ? bytes[at + 6]! : null;
      } else readMetadata(label, bytes.subarray(at + 2, end), found);
      at = end;
    } else if (block === IMAGE) {
      if (frame) {
        animated = true;
        break;
      }
      if (at + 10 > bytes.length) break;
      const flags = bytes[at + 9]!;
      const local = at + 10 + colourTableBytes(flags);
      const end = skipSubBlocks(bytes, local + 1);
      const [x, y, w, h] = [1, 3, 5, 7].map((i) =>
        view.getUint16(at + i, true)
      ) as [number, number, number, number];
      const screen = [view.getUint16(6, true), view.getUint16(8, true)];
      // A frame without a size has that of the screen.
      const width = w || screen[0]!;
      const height = h || screen[1]!;
      frame = {
        screen: {
          width: Math.max(screen[0]!, x + width),
          height: Math.max(screen[1]!, y + height),
        },
        x,
        y,
        width,
        height,
        interlaced: (flags & 0x40) !== 0,
        palette: local > at + 10
          ? bytes.subarray(at + 10, local)
          : bytes.subarray(13, tableEnd),
        transparent,
        codeSize: bytes[local] ?? 0,
        blocks: bytes.subarray(local + 1, end),
      };
      at = end;
    } else if (block === 0) at++; // a superfluous end mark
    else break;
  }
  if (!frame || frame.blocks.length === 0) throw truncated(bytes);
  return { ...frame, animated, metadata: foundMetadata(found) };
}

/** Metadata as it is found. */
interface Found {
  icc?: Uint8Array;
  xmp?: Uint8Array;
  readonly comments: Uint8Array[];
}

/** Reads the metadata in an extension's sub-blocks. */
function readMetadata(
  label: number | undefined,
  blocks: Uint8Array,
  found: Found,
): void {
  if (label === COMMENT) {
    const comment = joined(blocks);
    if (comment.length > 0) found.comments.push(comment);
  } else if (label === APPLICATION && blocks[0] === 11) {
    const name = blocks.subarray(1, 12);
    const rest = blocks.subarray(12);
    if (startsWith(name, "XMP DataXMP")) {
      // XMP is not divided into sub-blocks.
      const xmp = rest.subarray(0, -XMP_TRAILER_BYTES);
      if (xmp.length <= MAX_XMP_BYTES) found.xmp ??= xmp;
    } else if (startsWith(name, "ICCRGBG1012")) {
      if (rest.length <= 2 * MAX_ICC_BYTES) found.icc ??= joined(rest);
    }
  }
}

function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** The offset after the sub-blocks, at most the file's length. */
function skipSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
  return bytes.length;
}

/** The contents of all sub-blocks, joined. */
export function joined(blocks: Uint8Array): Uint8Array {
  const all = new Uint8Array(blocks.length);
  let length = 0;
  for (let at = 0; at < blocks.length && blocks[at] !== 0;) {
    const next = at + 1 + blocks[at]!;
    const part = blocks.subarray(at + 1, next);
    all.set(part, length);
    length += part.length;
    at = next;
  }
  return all.slice(0, length);
}

function truncated(bytes: Uint8Array): LimpidError {
  return new LimpidError(
    "corrupt-image",
    `The GIF is truncated: it ends after ${bytes.length} bytes within its first frame.`,
  );
}
