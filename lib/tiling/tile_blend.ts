/**
 * Blends the results of overlapping tiles without holding floats for the whole
 * image.
 */
import { BufferPool } from "./buffer_pool.ts";
import type { Rectangle, Tile, TilePlan, TileRow } from "./tile_plan.ts";

/**
 * Values of a part of the image: planes one after the other, each in row-major
 * order.
 */
export interface Band {
  /** The part of the image that the planes cover. */
  readonly area: Rectangle;
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Sums tiles by their weights, one row of tiles at a time. It holds one row,
 * and the pixels that this row shares with the next one.
 */
export class TileBlend {
  readonly #plan: TilePlan;
  readonly #channels: number;
  readonly #memory: BufferPool;
  #band: Band | null = null;

  /** @param memory For the arrays `band` and `shared`. Default: a new pool. */
  constructor(plan: TilePlan, channels: number, memory = new BufferPool()) {
    this.#plan = plan;
    this.#channels = channels;
    this.#memory = memory;
  }

  /** Begins a row of tiles; rows come in the order of the plan. */
  begin({ span }: TileRow): void {
    const shared = this.#band && this.#carry(this.#band, span);
    const band = this.#take("band", span);
    band.data.fill(0);
    if (shared !== null) copyShared(shared, band, this.#channels);
    this.#band = band;
  }

  /**
   * Copies what a row shares with the next one aside, while `band` is reused
   * for the next.
   */
  #carry(from: Band, next: Rectangle): Band {
    const shared = this.#take("shared", intersection(from.area, next));
    copyShared(from, shared, this.#channels);
    return shared;
  }

  #take(name: string, area: Rectangle): Band {
    const length = this.#channels * area.width * area.height;
    return { area, data: this.#memory.floats(name, length) };
  }

  /**
   * Adds a tile of the current row.
   *
   * @param values The tile's planes, `channels * tile.height * tile.width` numbers.
   */
  add(tile: Tile, values: Float32Array): void {
    const { area, data } = this.sums();
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
        // No other tile has a weight in the middle: copy there instead of
        // adding.
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

  /**
   * The sums of the current row after all its tiles were added: final within
   * {@linkcode TileRow.done}.
   */
  sums(): Band {
    if (this.#band === null) throw new TypeError("No line was begun.");
    return this.#band;
  }
}

/** Copies the pixels that both bands hold. */
function copyShared(from: Band, to: Band, channels: number): void {
  const { x, y, width, height } = intersection(from.area, to.area);
  for (let c = 0; c < channels; c++) {
    for (let row = y; row < y + height; row++) {
      const start = offset(from.area, c, x, row);
      to.data.set(
        from.data.subarray(start, start + width),
        offset(to.area, c, x, row),
      );
    }
  }
}

/** The area that both cover; of size 0 where they do not overlap. */
function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

/** Index of channel `c` of the pixel at `x`, `y` in a band over `area`. */
export function offset(
  area: Rectangle,
  c: number,
  x: number,
  y: number,
): number {
  return (c * area.height + y - area.y) * area.width + x - area.x;
}
