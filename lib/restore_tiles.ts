/** The second loop over the tiles: those with damage are restored and laid over the picture. */
import type { Guide } from "./masks.ts";
import { type Model, runModel } from "./model.ts";
import { maskPlane, type PackedRaster, rgbPlanes } from "./planar.ts";
import { maskThumbnail, THUMB } from "./thumbnail.ts";
import { offset, TileBlend } from "./tile_blend.ts";
import type { Line, TilePlan } from "./tiles.ts";
import type { Mask } from "./types.ts";
import { checkAborted, type Watch } from "./watch.ts";

/** The picture when all is done. */
export interface Restoration {
  /** RGBA; where the guide is 0, and in alpha everywhere, the input's bytes. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** Pixels whose bytes differ from the input's. */
  readonly changed: number;
  /** Tiles that the network ran on. */
  readonly restored: number;
}

/** The picture as it came. */
export function untouched({ data }: PackedRaster): Restoration {
  return { data: new Uint8ClampedArray(data), changed: 0, restored: 0 };
}

/** The lines of a plan, each with those of its tiles in which the guide is above 0 where they count. */
export function damagedLines(plan: TilePlan, guide: Guide): Line[] {
  return Array.from(plan.lines(), (line) => ({
    ...line,
    tiles: line.tiles.filter(({ span }) => guide.touches(span)),
  }));
}

/**
 * Restores the picture where the guide is above 0.
 *
 * @param thumb The picture's thumbnail.
 * @param lines All lines of the plan, with the tiles to run the network on.
 * @throws {LimpidError} `aborted`, `model-corrupt`, `device-failed`
 */
export async function restoreTiles(
  picture: PackedRaster,
  thumb: Float32Array<ArrayBuffer>,
  mask: Mask,
  guide: Guide,
  plan: TilePlan,
  lines: readonly Line[],
  model: Model,
  watch: Watch,
): Promise<Restoration> {
  const output = new Uint8ClampedArray(picture.data);
  const thumbMask = maskThumbnail(mask);
  const blend = new TileBlend(plan, 3);
  const total = lines.reduce((sum, { tiles }) => sum + tiles.length, 0);
  let restored = 0;
  let changed = 0;
  for (const line of lines) {
    blend.begin(line);
    for (const tile of line.tiles) {
      checkAborted(watch);
      const dims = [tile.height, tile.width];
      const outputs = await runModel(model, {
        image: { data: rgbPlanes(picture, tile), dims: [1, 3, ...dims] },
        mask: { data: maskPlane(mask, tile), dims: [1, 1, ...dims] },
        thumb: { data: thumb.slice(), dims: [1, 3, THUMB, THUMB] },
        thumb_mask: { data: thumbMask.slice(), dims: [1, 1, THUMB, THUMB] },
      }, { restored: [1, 3, ...dims] });
      blend.add(tile, outputs.restored);
      watch.onProgress({ stage: "restore", done: ++restored, total });
    }
    changed += composite(blend, line, picture, guide, output);
  }
  return { data: output, changed, restored };
}

/**
 * Writes I + guide * (J' - I) over what a line has finished.
 *
 * @returns how many pixels have other bytes than the picture's
 */
function composite(
  blend: TileBlend,
  { done }: Line,
  picture: PackedRaster,
  guide: Guide,
  output: Uint8ClampedArray,
): number {
  const { area, data } = blend.sums();
  const plane = area.width * area.height;
  let changed = 0;
  for (let y = done.y; y < done.y + done.height; y++) {
    let from = offset(area, 0, done.x, y);
    let pixel = y * picture.width + done.x;
    for (let x = 0; x < done.width; x++, pixel++, from++) {
      const share = guide.at(pixel);
      if (share === 0) continue;
      let differs = false;
      for (let c = 0; c < 3; c++) {
        const at = pixel * 4 + c;
        const before = picture.data[at]!;
        const after = data[from + c * plane]! * 255;
        output[at] = before + share * (after - before);
        if (output[at] !== before) differs = true;
      }
      if (differs) changed++;
    }
  }
  return changed;
}
