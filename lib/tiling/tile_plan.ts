/** Cuts an image into overlapping tiles, and weights them for blending. */

/** Tile sides and origins are multiples of this: the networks halve an image four times. */
export const MULTIPLE = 16;
/** Smallest side of a network's input, in pixels. */
export const SMALLEST_TILE = 64;

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of an image: `width` by `height` from column `x` and row `y`. */
export interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

/** The positions from `from` up to, but not including, `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Pixels over which a tile fades into its neighbour. */
const FADE = 16;

/**
 * One axis of an image, cut into overlapping tiles of equal length. Neighbours
 * fade into each other in the middle of their overlap. Beyond that fade a tile
 * has weight 0: the pixels that it sees there are its halo, without which a
 * convolution would take the tile's border for the image's.
 */
export class TileAxis {
  /** Pixels of the image. */
  readonly length: number;
  /** Number of tiles. */
  readonly count: number;
  /**
   * Length of a tile with its halo in pixels, {@linkcode SMALLEST_TILE} or
   * more; a tile may reach beyond the image.
   */
  readonly side: number;
  readonly #fade: number;

  /**
   * @param length Pixels of the image, 1 or more.
   * @param count Number of tiles, at most {@linkcode TileAxis.needed} for {@linkcode SMALLEST_TILE}.
   * @param halo Least pixels that a tile sees beyond what it contributes, on
   * each side; a multiple of 16.
   */
  constructor(length: number, count: number, halo: number) {
    this.length = length;
    this.count = count;
    this.side = TileAxis.#side(length, count, halo);
    this.#fade = Math.min(FADE, halo);
  }

  /**
   * How many tiles of at most `side` pixels, halo included, cover `length`;
   * `side` is a multiple of 16 above `2 * halo`.
   */
  static needed(length: number, side: number, halo: number): number {
    const padded = paddedLength(length);
    return padded <= side
      ? 1
      : Math.ceil((padded - 2 * halo) / (side - 2 * halo));
  }

  /**
   * The shortest length at which `count` tiles cover the image, so that all
   * cost the same.
   */
  static #side(length: number, count: number, halo: number): number {
    const shared = 2 * halo * (count - 1);
    return Math.max(
      SMALLEST_TILE,
      roundUp((paddedLength(length) + shared) / count),
    );
  }

  /**
   * Where tile `i` begins: a multiple of 16, so that the network's feature
   * grids align with those of the whole image at every scale.
   */
  origin(i: number): number {
    if (i === 0) return 0;
    const room = paddedLength(this.length) - this.side;
    return Math.floor(i * room / (this.count - 1) / MULTIPLE) * MULTIPLE;
  }

  /** Pixels of the image where tile `i` has a weight above 0. */
  span(i: number): Span {
    return {
      from: i === 0 ? 0 : this.#fadeStart(i),
      to: i === this.count - 1
        ? this.length
        : this.#fadeStart(i + 1) + this.#fade,
    };
  }

  /**
   * Weight of tile `i` at every pixel of its span, a multiple of 1/256. The
   * weights of a pixel over all tiles sum to exactly 1: they are differences of
   * neighbouring ramps, of which the first is 1 and the last 0 everywhere.
   */
  weights(i: number): Float32Array<ArrayBuffer> {
    const { from, to } = this.span(i);
    return Float32Array.from(
      { length: to - from },
      (_, k) => this.#rise(i, from + k) - this.#rise(i + 1, from + k),
    );
  }

  /**
   * Cells of 16 pixels that count for tile `i`, numbered from the image's
   * beginning. Every cell that holds a pixel of the image counts once.
   */
  cells(i: number): Span {
    const cut = (k: number): number => Math.floor(this.#middle(k) / MULTIPLE);
    return {
      from: i === 0 ? 0 : cut(i),
      to: i === this.count - 1 ? Math.ceil(this.length / MULTIPLE) : cut(i + 1),
    };
  }

  /** Middle of the overlap of tiles `i - 1` and `i`. */
  #middle(i: number): number {
    return (this.origin(i) + this.origin(i - 1) + this.side) / 2;
  }

  #fadeStart(i: number): number {
    return this.#middle(i) - this.#fade / 2;
  }

  /** Weight of tile `i` and all after it at a pixel. */
  #rise(i: number, pixel: number): number {
    if (i === 0) return 1;
    if (i === this.count) return 0;
    const start = this.#fadeStart(i);
    if (pixel < start) return 0;
    if (pixel >= start + this.#fade) return 1;
    const t = (pixel + 0.5 - start) / this.#fade;
    return Math.round((1 - Math.cos(Math.PI * t)) / 2 * 256) / 256;
  }
}

/** One tile. Its rectangle may reach beyond the image's right and lower border. */
export interface Tile extends Rectangle {
  /** Index of the tile along the horizontal axis. */
  readonly column: number;
  /** Index of the tile along the vertical axis. */
  readonly row: number;
  /** Pixels where the tile's weight is above 0; inside the image. */
  readonly span: Rectangle;
}

/** Tiles side by side across the shorter side of the image. */
export interface TileRow {
  readonly tiles: readonly Tile[];
  /** The area that the spans of its tiles cover together. */
  readonly span: Rectangle;
  /**
   * The part of `span` that no later row reaches into. Over all rows these
   * parts make up the image.
   */
  readonly done: Rectangle;
}

/** Longest tile side that is accepted. At 4096 a network needs several GB. */
export const LARGEST_TILE = 4096;
/** Largest halo that is accepted: no network sees farther. */
export const LARGEST_HALO = 256;

/** Size of the tiles that an image is cut into. */
export interface TileSize {
  /**
   * Side of a square without its halo, a multiple of 16 from
   * {@linkcode SMALLEST_TILE}. Tiles may be rectangles of about the same area.
   */
  readonly tile: number;
  /** Pixels that a tile sees around that square, a multiple of 16. */
  readonly halo: number;
}

/**
 * All tiles of an image. Tiles are rectangles. Of all cuts whose tiles see no
 * more pixels than a square tile with its halo, the plan takes the one whose
 * tiles see the fewest pixels in total.
 */
export class TilePlan {
  readonly x: TileAxis;
  readonly y: TileAxis;

  constructor(
    readonly width: number,
    readonly height: number,
    { tile, halo }: TileSize,
  ) {
    const most = (tile + 2 * halo) ** 2;
    let fewest = Infinity;
    let best: readonly [TileAxis, TileAxis] | null = null;
    const columns = TileAxis.needed(width, SMALLEST_TILE + 2 * halo, halo);
    for (let count = 1; count <= columns; count++) {
      const x = new TileAxis(width, count, halo);
      const side = Math.floor(most / x.side / MULTIPLE) * MULTIPLE;
      // Too few pixels are left for the tile's height.
      if (side < SMALLEST_TILE + 2 * halo && side < paddedLength(height)) {
        continue;
      }
      const y = new TileAxis(height, TileAxis.needed(height, side, halo), halo);
      const seen = x.count * y.count * x.side * y.side;
      if (seen < fewest) [fewest, best] = [seen, [x, y]];
    }
    // At least the cut into squares fits.
    [this.x, this.y] = best!;
  }

  /**
   * Pixels that all tiles see together, divided by those of a single tile over
   * the whole image: 1 or more; the excess is the cost of overlap.
   */
  get overhead(): number {
    const whole = paddedLength(this.width) * paddedLength(this.height);
    return this.total * this.x.side * this.y.side / whole;
  }

  /** Number of tiles. */
  get total(): number {
    return this.x.count * this.y.count;
  }

  /**
   * The tiles, row by row along the longer side of the image. A row spans the
   * shorter side, which bounds the memory for it: at most 7071 pixels in an
   * image of 50 megapixels.
   */
  *lines(): Generator<TileRow> {
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

/** The single tile over a whole image, padded as the networks need it. */
export function onlyTile(width: number, height: number): Rectangle {
  return {
    x: 0,
    y: 0,
    width: paddedLength(width),
    height: paddedLength(height),
  };
}

/** A side, padded as the networks need it. */
function paddedLength(length: number): number {
  return Math.max(SMALLEST_TILE, roundUp(length));
}

function roundUp(pixels: number): number {
  return Math.ceil(pixels / MULTIPLE) * MULTIPLE;
}
