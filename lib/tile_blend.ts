/** Puts the results of overlapping tiles together, without a float image of the whole picture. */
import { ArrayMemory } from "./array_memory.ts";
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
  readonly #memory: ArrayMemory;
  #band: Band | null = null;
  /** Lines take turns with two bands. */
  #even = true;

  /** @param memory Which has the arrays `band 0` and `band 1`. Default: a new one. */
  constructor(plan: TilePlan, channels: number, memory = new ArrayMemory()) {
    this.#plan = plan;
    this.#channels = channels;
    this.#memory = memory;
  }

  /** Begins a line; lines come in the order of the plan. */
  begin({ span }: Line): void {
    this.#even = !this.#even;
    const data = this.#memory.floats(
      this.#even ? "band 0" : "band 1",
      this.#channels * span.width * span.height,
    ).fill(0);
    const band: Band = { area: span, data };
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
    const middle = {
      from: Math.max(0, wx.indexOf(1)),
      to: wx.lastIndexOf(1) + 1,
    };
    for (let c = 0; c < this.#channels; c++) {
      for (let y = 0; y < span.height; y++) {
        const weight = wy[y]!;
        const row = (c * area.height + span.y + y - area.y) * area.width +
          span.x - area.x;
        const from = (c * tile.height + span.y + y - tile.y) * tile.width +
          span.x - tile.x;
        // In the middle no other tile counts: there is nothing to add to.
        const alone = weight === 1 ? middle : { from: 0, to: 0 };
        const share = values.subarray(from + alone.from, from + alone.to);
        data.set(share, row + alone.from);
        for (let x = 0; x < alone.from; x++) {
          data[row + x]! += weight * wx[x]! * values[from + x]!;
        }
        for (let x = alone.to; x < span.width; x++) {
          data[row + x]! += weight * wx[x]! * values[from + x]!;
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
