/** Carries what was restored at a coarser level of the pyramid to a finer one. */
import { BilinearRows, enlargeMask, type Samples } from "../bilinear.ts";
import type { PackedRaster } from "../planar.ts";
import type { Size } from "../tiles.ts";
import type { Mask } from "../types.ts";

/** What was restored, and where it is to go. */
export interface Refinement {
  /** The picture at the finer level, as it came. */
  readonly finer: PackedRaster;
  /** The same at the coarser level, as it came. */
  readonly coarser: PackedRaster;
  /** The restored bytes of the coarser level, RGBA. */
  readonly restored: Uint8ClampedArray<ArrayBuffer>;
  /** Of the coarser level: what was found and mended there. */
  readonly mask: Mask;
  /** Of every byte of a mask, the share of the restored picture; see `shareByByte`. */
  readonly shares: Float32Array<ArrayBuffer>;
  /** How much of the detail that only the finer level has goes with the damage, 0..1. */
  readonly detailLoss: number;
}

/** The finer level with it. */
export interface Refined {
  readonly picture: PackedRaster;
  /** The mask, enlarged to the finer level. */
  readonly mask: Mask;
}

/**
 * J_l = I_l + up(J_(l+1) - I_(l+1)) - d s (I_l - up(I_(l+1))): the correction, enlarged, and, as far as `detailLoss` d
 * says, without the detail that only this level has, since under damage that is the damage's own. Where the enlarged
 * mask gives a share s of 0 the bytes are those of I_l.
 */
export function refine(
  { finer, coarser, restored, mask, shares, detailLoss }: Refinement,
): Refined {
  const { width, height } = finer;
  const enlarged = enlargeMask(mask, finer);
  const buffer = new SharedArrayBuffer(4 * width * height);
  const pixels = new Uint32Array(buffer);
  pixels.set(finer.pixels);
  const data = new Uint8ClampedArray(buffer);
  const rows = new BilinearRows(
    correctionOf(coarser, restored),
    finer,
    scale(coarser, finer),
  );
  const row = new Float32Array(6 * width);
  for (let y = 0, pixel = 0; y < height; y++) {
    const touched = rowTouched(enlarged, y, shares);
    if (!touched) {
      pixel += width;
      continue;
    }
    rows.read(y, row);
    for (let x = 0; x < width; x++, pixel++) {
      const share = shares[enlarged.data[pixel]!]!;
      if (share === 0) continue;
      const lost = detailLoss * share;
      for (let c = 0; c < 3; c++) {
        const at = 4 * pixel + c;
        const before = finer.data[at]!;
        // A clamped array rounds.
        data[at] = before + row[c * width + x]! -
          lost * (before - row[(3 + c) * width + x]!);
      }
    }
  }
  return { picture: { width, height, data, pixels }, mask: enlarged };
}

function rowTouched(
  { width, data }: Mask,
  y: number,
  shares: Float32Array,
): boolean {
  for (let i = y * width; i < (y + 1) * width; i++) {
    if (shares[data[i]!]! > 0) return true;
  }
  return false;
}

/** Planes of the coarser level: what was done to red, green and blue, then what they were; in bytes' values. */
function correctionOf(
  { width, height, data }: PackedRaster,
  restored: Uint8ClampedArray,
): Samples {
  const size = width * height;
  const planes = new Float32Array(6 * size);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      const before = data[4 * i + c]!;
      planes[c * size + i] = restored[4 * i + c]! - before;
      planes[(3 + c) * size + i] = before;
    }
  }
  return { width, height, data: planes };
}

function scale(coarser: Size, finer: Size): Size {
  return {
    width: coarser.width / finer.width,
    height: coarser.height / finer.height,
  };
}
