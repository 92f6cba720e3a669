/** Carries what was restored at a coarser level of the pyramid to a finer one. */
import { BilinearRows, enlargeMask, type Samples } from "./bilinear.ts";
import { damagedDetail } from "./damaged_detail.ts";
import { emptyRaster, type PackedRaster } from "./planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Mask } from "../types.ts";

/**
 * A restored coarser level, and the finer level that takes it over.
 *
 * @typeParam I An image: in memory, or on a device.
 */
export interface Refinement<I> {
  /** The unrestored image at the finer level. */
  readonly finer: I;
  /** The unrestored image at the coarser level. */
  readonly coarser: I;
  /** The restored image at the coarser level. */
  readonly restored: I;
  /** Mask of the coarser level: where damage was found and restored. */
  readonly mask: Mask;
  /**
   * The weight of the restored image for every byte of a mask; see
   * `weightByByte`.
   */
  readonly weights: Float32Array<ArrayBuffer>;
}

/** The finer level with the restoration of the coarser one. */
export interface Refined<I> {
  readonly image: I;
  /** The mask, enlarged to the finer level. */
  readonly mask: Mask;
}

/**
 * J_l = I_l + up(C) - up(s) (I_l - up(I_(l+1))), with the correction
 * C = J_(l+1) - I_(l+1) and the share s of the detail that is damage
 * ({@linkcode damagedDetail}). Detail that only this level has belongs to the
 * scene where the correction is smooth, and stays; where the correction takes
 * away what the coarser level shows, as a streak, its fine edges go with it,
 * or they would stay as scratches that this level's networks take for no
 * damage any more. It is computed as I_l (1 - up(s)) + up(C + s I_(l+1)), which
 * needs the coarser level at its own size only. Where the weight at the
 * enlarged mask is 0, the bytes are those of I_l.
 */
export function refine(
  { finer, coarser, restored, mask, weights }: Refinement<PackedRaster>,
): Refined<PackedRaster> {
  const { width, height } = finer;
  const enlarged = enlargeMask(mask, finer);
  const image = emptyRaster(finer);
  image.pixels.set(finer.pixels);
  const { data } = image;
  const rows = new BilinearRows(
    linearOf(coarser, restored),
    finer,
    scale(coarser, finer),
  );
  const row = new Float32Array(4 * width);
  for (let y = 0, pixel = 0; y < height; y++) {
    if (!rowTouched(enlarged, y, weights)) {
      pixel += width;
      continue;
    }
    rows.read(y, row);
    for (let x = 0; x < width; x++, pixel++) {
      if (weights[enlarged.data[pixel]!] === 0) continue;
      const kept = 1 - row[3 * width + x]!;
      for (let c = 0; c < 3; c++) {
        const at = 4 * pixel + c;
        // A clamped array rounds.
        data[at] = kept * finer.data[at]! + row[c * width + x]!;
      }
    }
  }
  return { image, mask: enlarged };
}

function rowTouched(
  { width, data }: Mask,
  y: number,
  weights: Float32Array,
): boolean {
  for (let i = y * width; i < (y + 1) * width; i++) {
    if (weights[data[i]!]! > 0) return true;
  }
  return false;
}

/** C + s I of red, green and blue of the coarser level, in byte values, and s, as planes. */
function linearOf(coarser: PackedRaster, restored: PackedRaster): Samples {
  const { width, height, data } = coarser;
  const size = width * height;
  const shares = damagedDetail(coarser, restored);
  const planes = new Float32Array(4 * size);
  planes.set(shares, 3 * size);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      const at = 4 * i + c;
      planes[c * size + i] = restored.data[at]! -
        (1 - shares[i]!) * data[at]!;
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
