/** Puts the results of overlapping tiles together, without a float image of the whole picture. */
import type { Line, Rectangle, Tile, TilePlan } from "./tiles.ts";

/** Values of a part of the picture: planes one after the other, each row by row. */
export interface Band {
  /** What part the planes hold. */
  readonly area: Rectangle;
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Sums tiles by their weights, one line of tiles at a time. What is held is a
 * line and what it shares with the next one.
 */
export class TileBlend {
  readonly #plan: TilePlan;
  readonly #channels: number;
  #band: Band | null = null;

  constructor(plan: TilePlan, channels: number) {
    this.#plan = plan;
    this.#channels = channels;
  }

  /** Begins a line; lines come in the order of the plan. */
  begin({ span }: Line): void {
    const band: Band = {
      area: span,
      data: new Float32Array(this.#channels * span.width * span.height),
    };
    if (this.#band !== null) copyShared(this.#band, band, this.#channels);
    this.#band = band;
  }

  /**
   * Adds a tile of the line.
   *
   * @param values The tile's planes, `channels * tile.height * tile.width` numbers.
   */
  add(tile: Tile, values: Float32Array): void {
    const { area, data } = this.#current();
    const { span } = tile;
    const wx = this.#plan.x.weights(tile.column);
    const wy = this.#plan.y.weights(tile.row);
    for (let c = 0; c < this.#channels; c++) {
      for (let y = 0; y < span.height; y++) {
        const weight = wy[y]!;
        let to = (c * area.height + span.y + y - area.y) * area.width +
          span.x - area.x;
        let from = (c * tile.height + span.y + y - tile.y) * tile.width +
          span.x - tile.x;
        for (let x = 0; x < span.width; x++) {
          data[to++]! += weight * wx[x]! * values[from++]!;
        }
      }
    }
  }

  /** The sums of the line that was begun, when all its tiles were added: final over {@linkcode Line.done}. */
  sums(): Band {
    return this.#current();
  }

  #current(): Band {
    if (this.#band === null) throw new TypeError("No line was begun.");
    return this.#band;
  }
}

/** Copies the pixels that both bands hold. */
function copyShared(from: Band, to: Band, channels: number): void {
  const x = Math.max(from.area.x, to.area.x);
  const y = Math.max(from.area.y, to.area.y);
  const right = Math.min(rightOf(from.area), rightOf(to.area));
  const bottom = Math.min(bottomOf(from.area), bottomOf(to.area));
  if (right <= x) return;
  for (let c = 0; c < channels; c++) {
    for (let row = y; row < bottom; row++) {
      const start = offset(from.area, c, x, row);
      to.data.set(
        from.data.subarray(start, start + right - x),
        offset(to.area, c, x, row),
      );
    }
  }
}

/** Where channel `c` of the pixel at `x`, `y` of the picture stands in a band over `area`. */
export function offset(
  area: Rectangle,
  c: number,
  x: number,
  y: number,
): number {
  return (c * area.height + y - area.y) * area.width + x - area.x;
}

function rightOf({ x, width }: Rectangle): number {
  return x + width;
}

function bottomOf({ y, height }: Rectangle): number {
  return y + height;
}
