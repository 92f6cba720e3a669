/** An image whose networks see it reduced and whole, as one tile; masks and restorations come out at its own size. */
import { enlargeMask } from "../../pixels/bilinear.ts";
import { copyBytes } from "../../pixels/copy_bytes.ts";
import { correct, type Correction } from "../../pixels/color_correction.ts";
import { BlendWeights, histogram } from "../../pixels/mask.ts";
import type { PackedRaster } from "../../pixels/planes.ts";
import {
  networkInputSize,
  reduceImage,
  reduceMask,
} from "../../pixels/reduce.ts";
import type { Size, TileSize } from "../../tiling/tile_plan.ts";
import type { CanvasTimes, Mask, Task } from "../../types.ts";
import type {
  Canvas,
  Composite,
  Evidence,
  Guidance,
  MaskPass,
  MaskPlane,
  TileIndex,
} from "./canvas.ts";
import { addTimes, CanvasStopwatch } from "./canvas_stopwatch.ts";

/** The canvas of the reduced image. */
export interface ReducedCanvas<N> extends Canvas<N> {
  /** Runs a restorer that corrects, on all of the image. */
  correction(mask: Mask, network: N): Promise<Correction>;
}

/**
 * A canvas of an image.
 *
 * @param maxSide See {@linkcode Backend.open}.
 * @param canvasOf Makes the canvas of the pixels that networks see.
 */
export function openCanvas<N>(
  image: PackedRaster,
  maxSide: number | undefined,
  canvasOf: (image: PackedRaster) => ReducedCanvas<N>,
): Canvas<N> {
  return maxSide === undefined
    ? canvasOf(image)
    : new DownscaledCanvas(image, maxSide, canvasOf);
}

const ONLY: TileIndex = { line: 0, tile: 0 };

/** A {@linkcode Canvas} around that of the reduced image. */
export class DownscaledCanvas<N> implements Canvas<N> {
  readonly #image: PackedRaster;
  /** Of the reduced image. */
  readonly #seen: Size;
  readonly #reduced: ReducedCanvas<N>;
  readonly #watch = new CanvasStopwatch();
  #mask: Mask | null = null;
  #guide: BlendWeights | null = null;
  #correction: Correction | null = null;

  /** Parameters as {@linkcode openCanvas} has them. */
  constructor(
    image: PackedRaster,
    maxSide: number,
    canvasOf: (image: PackedRaster) => ReducedCanvas<N>,
  ) {
    this.#image = image;
    const reduced = this.#watch.sync(
      "cut",
      () => reduceImage(image, networkInputSize(image, maxSide)),
    );
    this.#seen = { width: reduced.width, height: reduced.height };
    this.#reduced = canvasOf(reduced);
  }

  beginMasks(cut: TileSize, pass: MaskPass): Promise<void> {
    return this.#reduced.beginMasks(cut, pass);
  }

  maskTile(at: TileIndex, network: N): Promise<void> {
    return this.#reduced.maskTile(at, network);
  }

  evidenceTile(at: TileIndex, network: N): Promise<void> {
    return this.#reduced.evidenceTile(at, network);
  }

  evidence(): Promise<readonly Evidence[]> {
    return this.#reduced.evidence();
  }

  fillMask(task: Task, value: number): Promise<void> {
    return this.#reduced.fillMask(task, value);
  }

  async mask(task: Task): Promise<MaskPlane> {
    const { data } = await this.#reduced.mask(task);
    return this.#watch.sync("blend", () => {
      this.#mask = enlargeMask({ ...this.#seen, data }, this.#image);
      // A copy, since the Worker hands it over to the caller's thread.
      const copy = new Uint8Array(this.#mask.data);
      return { data: copy, counts: histogram(copy) };
    });
  }

  beginRestore(
    _: TileSize,
    { curve, user }: Guidance,
  ): Promise<readonly TileIndex[]> {
    const { width, height } = this.#image;
    this.#guide = new BlendWeights(this.#mask!, curve, user);
    const damaged = this.#guide.touches({ x: 0, y: 0, width, height });
    return Promise.resolve(damaged ? [ONLY] : []);
  }

  async restoreTile(_: TileIndex, network: N): Promise<void> {
    const mask = this.#watch.sync(
      "cut",
      () => reduceMask(this.#mask!, this.#seen),
    );
    this.#correction = await this.#reduced.correction(mask, network);
  }

  async composite(): Promise<Composite> {
    const copy = await copyBytes([this.#image.data]);
    const data = new Uint8ClampedArray(copy.buffer);
    const changed = this.#watch.sync(
      "blend",
      () =>
        correct(
          this.#image,
          this.#seen,
          this.#correction!,
          this.#guide!,
          data,
        ),
    );
    return { data, changed };
  }

  async close(): Promise<CanvasTimes> {
    return addTimes(await this.#reduced.close(), this.#watch.times);
  }
}
