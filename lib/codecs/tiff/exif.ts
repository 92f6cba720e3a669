import { Block, readDirectory, writeBlock } from "../tiff_block.ts";
import { STRUCTURE, TAG } from "./directory.ts";

/** Longest value that counts as EXIF: what is longer is a layer or another image. */
const MAX_VALUE = 65535;

/**
 * What a TIFF file says beside how its image lies in it, as an EXIF block,
 * without the notes of a camera's maker.
 *
 * @returns `undefined` where there is nothing but the orientation
 */
export function exifOf(
  file: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const block = Block.of(file);
  if (block === null) return undefined;
  const { values, below } = readDirectory(block);
  const kept = values.filter(({ tag, bytes }) =>
    !STRUCTURE.has(tag) && bytes.length <= MAX_VALUE
  );
  const says = below.size > 0 ||
    kept.some(({ tag }) => tag !== TAG.ORIENTATION);
  return says
    ? writeBlock({ values: kept, below }, block.littleEndian)
    : undefined;
}
