/**
 * The little of EXIF that Limpid touches: the orientation, and the link to the
 * thumbnail. Only the first directory is read, entry by entry, and no offset
 * beyond it is followed, so directories that point at themselves do no harm.
 *
 * Structure: EXIF 2.32 (CIPA DC-008), TIFF 6.0 section 2.
 */
import { viewOf } from "./bytes.ts";
import type { Orientation } from "./image_info.ts";

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

interface Directory {
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** Where the orientation's value stands, if it is there. */
  readonly orientationAt: number | undefined;
  /** Where the offset of the next directory (the thumbnail's) stands. */
  readonly nextAt: number | undefined;
}

/** The first directory, or undefined where the block is none. */
function firstDirectory(exif: Uint8Array): Directory | undefined {
  if (exif.length < 14) return undefined;
  const view = viewOf(exif);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const littleEndian = order === 0x4949;
  if (view.getUint16(2, littleEndian) !== 42) return undefined;
  const start = view.getUint32(4, littleEndian);
  if (start < 8 || start + 2 > exif.length) return undefined;

  const entries = view.getUint16(start, littleEndian);
  let orientationAt: number | undefined;
  for (let i = 0; i < entries; i++) {
    const at = start + 2 + ENTRY_BYTES * i;
    if (at + ENTRY_BYTES > exif.length) break;
    if (
      view.getUint16(at, littleEndian) === ORIENTATION_TAG &&
      view.getUint16(at + 2, littleEndian) === SHORT &&
      view.getUint32(at + 4, littleEndian) === 1
    ) {
      orientationAt = at + 8;
      break;
    }
  }
  const end = start + 2 + ENTRY_BYTES * entries;
  return {
    view,
    littleEndian,
    orientationAt,
    nextAt: end + 4 <= exif.length ? end : undefined,
  };
}

/** The orientation that an EXIF block gives; 1 where it gives none, or nonsense. */
export function readOrientation(exif: Uint8Array | undefined): Orientation {
  const directory = exif && firstDirectory(exif);
  if (directory?.orientationAt === undefined) return 1;
  const value = directory.view.getUint16(
    directory.orientationAt,
    directory.littleEndian,
  );
  return value >= 1 && value <= 8 ? value as Orientation : 1;
}

/**
 * A copy of an EXIF block for a picture that has been turned upright and
 * changed: orientation 1, and no thumbnail, since it shows the old picture.
 */
export function resetExif(exif: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(exif);
  const directory = firstDirectory(copy);
  if (!directory) return copy;
  const { view, littleEndian, orientationAt, nextAt } = directory;
  if (orientationAt !== undefined) {
    view.setUint16(orientationAt, 1, littleEndian);
  }
  if (nextAt !== undefined) view.setUint32(nextAt, 0, littleEndian);
  return copy;
}
