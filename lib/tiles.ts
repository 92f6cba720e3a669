/** How a picture is cut into tiles that overlap, and how these are put together again. */

/** Tile sides and origins are multiples of this: the networks halve a picture four times. */
export const MULTIPLE = 16;
/** Smallest side that the networks are given, in pixels. */
export const SMALLEST_TILE = 64;

/** Pixels of a picture: `width` by `height` from column `x` and row `y`. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From one position up to, not including, another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * One side of a picture, cut into tiles of equal length. Where neighbours
 * overlap, one fades into the other on a ramp in the middle of what they share.
 * What lies outside the ramp has weight 0, because a convolution that sees a
 * tile's border is wrong near it.
 */
export class Axis {
  /** Pixels of the picture. */
  readonly length: number;
  /** Pixels of a tile, {@linkcode SMALLEST_TILE} or more; may reach beyond the picture. */
  readonly side: number;
  /** Number of tiles. */
  readonly count: number;
  readonly #ramp: number;

  /**
   * @param length Pixels of the picture, 1 or more.
   * @param tile Most pixels of a tile, a multiple of 16, at least 64 and twice the overlap.
   * @param overlap Least pixels that neighbours share, a multiple of 16.
   */
  constructor(length: number, tile: number, overlap: number) {
    const padded = Math.max(SMALLEST_TILE, roundUp(length));
    this.length = length;
    this.count = padded <= tile
      ? 1
      : Math.ceil((padded - overlap) / (tile - overlap));
    // No longer than it must be, so that all tiles cost the same.
    this.side = Math.max(
      SMALLEST_TILE,
      roundUp((padded + (this.count - 1) * overlap) / this.count),
    );
    this.#ramp = overlap / 4;
  }

  /** Where tile `i` begins: a multiple of 16, so that grids of all scales agree with those of the whole picture. */
  origin(i: number): number {
    if (i === 0) return 0;
    const room = Math.max(SMALLEST_TILE, roundUp(this.length)) - this.side;
    return Math.floor(i * room / (this.count - 1) / MULTIPLE) * MULTIPLE;
  }

  /** Pixels of the picture where tile `i` has a weight above 0. */
  span(i: number): Span {
    return {
      from: i === 0 ? 0 : this.#rampStart(i),
      to: i === this.count - 1
        ? this.length
        : this.#rampStart(i + 1) + this.#ramp,
    };
  }

  /**
   * Weight of tile `i` at every pixel of its span, multiples of 1/256. Over all
   * tiles the weights of a pixel sum to 1, exactly: they are differences of
   * neighbouring ramps, the first being 1 and the last 0 everywhere.
   */
  weights(i: number): Float32Array<ArrayBuffer> {
    const { from, to } = this.span(i);
    return Float32Array.from(
      { length: to - from },
      (_, k) => this.#rise(i, from + k) - this.#rise(i + 1, from + k),
    );
  }

  /**
   * Cells of 16 pixels that count for tile `i`, numbered from the picture's
   * beginning. Every cell that holds a pixel of the picture counts once.
   */
  cells(i: number): Span {
    const cut = (k: number): number => Math.floor(this.#middle(k) / MULTIPLE);
    return {
      from: i === 0 ? 0 : cut(i),
      to: i === this.count - 1 ? Math.ceil(this.length / MULTIPLE) : cut(i + 1),
    };
  }

  /** Middle of what tiles `i - 1` and `i` share. */
  #middle(i: number): number {
    return (this.origin(i) + this.origin(i - 1) + this.side) / 2;
  }

  #rampStart(i: number): number {
    return this.#middle(i) - this.#ramp / 2;
  }

  /** Weight of tile `i` and all after it at a pixel. */
  #rise(i: number, pixel: number): number {
    if (i === 0) return 1;
    if (i === this.count) return 0;
    const start = this.#rampStart(i);
    if (pixel < start) return 0;
    if (pixel >= start + this.#ramp) return 1;
    const t = (pixel + 0.5 - start) / this.#ramp;
    return Math.round((1 - Math.cos(Math.PI * t)) / 2 * 256) / 256;
  }
}

/** One tile. Its rectangle may reach beyond the picture's right and lower border. */
export interface Tile extends Rectangle {
  /** Of the horizontal axis. */
  readonly column: number;
  /** Of the vertical axis. */
  readonly row: number;
  /** Pixels where its weight is above 0; inside the picture. */
  readonly span: Rectangle;
}

/** Tiles side by side across the shorter side of the picture. */
export interface Line {
  readonly tiles: readonly Tile[];
  /** What the spans of its tiles cover together. */
  readonly span: Rectangle;
  /** The part of `span` that no later line reaches into; over all lines, the picture. */
  readonly done: Rectangle;
}

/** All tiles of a picture. */
export class TilePlan {
  readonly x: Axis;
  readonly y: Axis;

  /** @param tile,overlap See {@linkcode Axis}. */
  constructor(
    readonly width: number,
    readonly height: number,
    tile: number,
    overlap: number,
  ) {
    this.x = new Axis(width, tile, overlap);
    this.y = new Axis(height, tile, overlap);
  }

  /** Number of tiles. */
  get total(): number {
    return this.x.count * this.y.count;
  }

  /**
   * The tiles, line by line along the longer side: what is kept of a line is
   * then never more than its tiles and the shorter side, at most 7071 pixels
   * for 50 million.
   */
  *lines(): Generator<Line> {
    const down = this.height >= this.width;
    const along = down ? this.y : this.x;
    const across = down ? this.x : this.y;
    const whole = { from: 0, to: across.length };
    const rectangle = (a: Span, b: Span): Rectangle => {
      const [x, y] = down ? [b, a] : [a, b];
      return {
        x: x.from,
        y: y.from,
        width: x.to - x.from,
        height: y.to - y.from,
      };
    };
    for (let i = 0; i < along.count; i++) {
      const span = along.span(i);
      const to = i + 1 < along.count ? along.span(i + 1).from : along.length;
      const tiles = Array.from({ length: across.count }, (_, j): Tile => {
        const [column, row] = down ? [j, i] : [i, j];
        return {
          column,
          row,
          x: this.x.origin(column),
          y: this.y.origin(row),
          width: this.x.side,
          height: this.y.side,
          span: rectangle(span, across.span(j)),
        };
      });
      yield {
        tiles,
        span: rectangle(span, whole),
        done: rectangle({ from: span.from, to }, whole),
      };
    }
  }
}

function roundUp(pixels: number): number {
  return Math.ceil(pixels / MULTIPLE) * MULTIPLE;
}
