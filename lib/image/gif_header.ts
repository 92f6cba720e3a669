import { LimpidError } from "../errors.ts";
import { viewOf } from "./bytes.ts";
import type { Header } from "./image_info.ts";

const IMAGE = 0x2c, EXTENSION = 0x21, TRAILER = 0x3b, GRAPHIC_CONTROL = 0xf9;

/**
 * Reads a GIF up to its second frame; its size is the screen's.
 *
 * @throws {LimpidError} `corrupt-image` where the file ends before its first
 * frame does, or the frame leaves the screen.
 */
export function readGifHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  if (bytes.length < 13) throw truncated(bytes);
  const width = view.getUint16(6, true);
  const height = view.getUint16(8, true);
  const flags = bytes[10]!;

  let at = 13 + colourTableBytes(flags);
  let transparent = false;
  let frame: { covers: boolean; interlaced: boolean } | undefined;
  let animated = false;
  while (at < bytes.length && bytes[at] !== TRAILER) {
    const block = bytes[at];
    if (block === EXTENSION) {
      // Size 4, then flags: bit 0 says that one index is transparent.
      if (!frame && bytes[at + 1] === GRAPHIC_CONTROL) {
        transparent = ((bytes[at + 3] ?? 0) & 1) === 1;
      }
      const next = skipSubBlocks(bytes, at + 2);
      if (next === undefined) break;
      at = next;
    } else if (block === IMAGE) {
      if (frame) {
        animated = true;
        break;
      }
      if (at + 10 > bytes.length) break;
      const [x, y, w, h] = [1, 3, 5, 7].map((i) =>
        view.getUint16(at + i, true)
      ) as [number, number, number, number];
      if (x + w > width || y + h > height) {
        throw new LimpidError(
          "corrupt-image",
          `The GIF is damaged: its first frame leaves the screen of ${width}x${height}.`,
        );
      }
      const frameFlags = bytes[at + 9]!;
      // One byte of code size precedes the sub-blocks.
      const next = skipSubBlocks(
        bytes,
        at + 10 + colourTableBytes(frameFlags) + 1,
      );
      if (next === undefined) throw truncated(bytes);
      frame = {
        covers: w === width && h === height,
        interlaced: (frameFlags & 0x40) !== 0,
      };
      at = next;
    } else break;
  }
  if (!frame) throw truncated(bytes);

  return {
    info: {
      format: "gif",
      width,
      height,
      orientation: 1,
      bitDepth: 8,
      hasAlpha: transparent || !frame.covers,
      grey: false,
      cmyk: false,
      progressive: frame.interlaced,
      animated,
    },
    metadata: {},
    warnings: [],
    left: animated
      ? ["The GIF is animated; only its first frame is read."]
      : [],
  };
}

function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** Where the sub-blocks end, or undefined where the file ends before. */
function skipSubBlocks(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  while (at < bytes.length) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
  return undefined;
}

function truncated(bytes: Uint8Array): LimpidError {
  return new LimpidError(
    "corrupt-image",
    `The GIF is truncated: it ends after ${bytes.length} bytes within its first frame.`,
  );
}
