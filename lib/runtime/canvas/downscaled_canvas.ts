/** An image whose networks see it reduced and whole, as one tile; masks and restorations come out at its own size. */
import type { Correction } from "../../pixels/color_correction.ts";
import { exposed } from "../../pixels/exposure.ts";
import { BlendWeights, histogram } from "../../pixels/mask.ts";
import { pack } from "../../pixels/planes.ts";
import { networkInputSize } from "../../pixels/reduce.ts";
import type { Size, TileSize } from "../../tiling/tile_plan.ts";
import type { CanvasTimes, Mask, Task } from "../../types.ts";
import type {
  Canvas,
  Evidence,
  Guidance,
  MaskPass,
  MaskPlane,
  TileIndex,
} from "./canvas.ts";
import { addTimes, CanvasStopwatch } from "./canvas_stopwatch.ts";
import type { ImageOperations } from "./image_operations.ts";

/** The canvas of the reduced image. */
export interface ReducedCanvas<N, I> extends Canvas<N, I> {
  /** Runs a restorer that corrects, on all of the image. */
  correction(mask: Mask, network: N): Promise<Correction>;
}

/**
 * A canvas of an image that networks see reduced.
 *
 * @param maxSide See {@linkcode Backend.open}.
 * @param canvasOf Makes the canvas of the pixels that networks see.
 */
export async function openDownscaled<N, I extends Size>(
  operations: ImageOperations<N, I>,
  image: I,
  maxSide: number,
  canvasOf: (seen: I) => ReducedCanvas<N, I>,
): Promise<Canvas<N, I>> {
  const size = networkInputSize(image, maxSide);
  const smaller = size.width < image.width || size.height < image.height;
  const seen = smaller ? await operations.reduce(image, size) : image;
  const closed = (): void => {
    if (smaller) operations.free(seen);
  };
  return new DownscaledCanvas(operations, image, seen, canvasOf(seen), closed);
}

const ONLY: TileIndex = { line: 0, tile: 0 };

/** A {@linkcode Canvas} around that of the reduced image. */
class DownscaledCanvas<N, I extends Size> implements Canvas<N, I> {
  readonly #operations: ImageOperations<N, I>;
  readonly #image: I;
  readonly #seen: I;
  readonly #reduced: ReducedCanvas<N, I>;
  readonly #closed: () => void;
  readonly #watch = new CanvasStopwatch();
  /** As the network gave it, and of the image's size. */
  #masks: { readonly small: Mask; readonly full: Mask } | null = null;
  #guidance: Guidance | null = null;
  #correction: Correction | null = null;

  constructor(
    operations: ImageOperations<N, I>,
    image: I,
    seen: I,
    reduced: ReducedCanvas<N, I>,
    closed: () => void,
  ) {
    this.#operations = operations;
    this.#image = image;
    this.#seen = seen;
    this.#reduced = reduced;
    this.#closed = closed;
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
    const { width, height } = this.#seen;
    return await this.#watch.time("blend", async () => {
      const small = { width, height, data };
      const full = await this.#operations.enlarge(small, this.#image);
      this.#masks = { small, full };
      // A copy, since the Worker hands it over to the caller's thread.
      const copy = new Uint8Array(full.data);
      return { data: copy, counts: histogram(copy) };
    });
  }

  beginRestore(
    _: TileSize,
    guidance: Guidance,
  ): Promise<readonly TileIndex[]> {
    const { width, height } = this.#image;
    const { curve, user } = this.#guidance = guidance;
    const weights = new BlendWeights(this.#masks!.full, curve, user);
    const damaged = weights.touches({ x: 0, y: 0, width, height });
    return Promise.resolve(damaged ? [ONLY] : []);
  }

  async restoreTile(_: TileIndex, network: N): Promise<void> {
    const { small } = this.#masks!;
    const found = await this.#reduced.correction(small, network);
    const { width, height } = this.#seen;
    const data = await this.#operations.read(this.#seen);
    const image = await pack({ width, height, data });
    const { curve, user } = this.#guidance!;
    this.#correction = this.#watch.sync(
      "blend",
      () => exposed(image, found, small, curve, user),
    );
  }

  async composite(): Promise<I> {
    const { curve, user } = this.#guidance!;
    return await this.#watch.time(
      "blend",
      () =>
        this.#operations.correct(this.#image, {
          seen: this.#seen,
          correction: this.#correction!,
          mask: this.#masks!.full,
          curve,
          user,
        }),
    );
  }

  async close(): Promise<CanvasTimes> {
    const times = addTimes(await this.#reduced.close(), this.#watch.times);
    this.#closed();
    return times;
  }
}
