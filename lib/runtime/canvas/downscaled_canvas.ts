/**
 * An image whose networks see it reduced and whole, as one tile, and mirrored,
 * too; masks and restorations come out at its own size.
 */
import type { Correction } from "../../pixels/color_correction.ts";
import { exposed } from "../../pixels/exposure.ts";
import { BlendWeights, histogram } from "../../pixels/mask.ts";
import {
  meanCorrection,
  meanMask,
  mirrorCorrection,
  mirrorImage,
  mirrorMask,
} from "../../pixels/mirror.ts";
import { pack, type PackedRaster } from "../../pixels/planes.ts";
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
  const freeSeen = (): void => {
    if (smaller) operations.free(seen);
  };
  try {
    const data = await operations.read(seen);
    const raster = await pack({ ...size, data });
    const mirrored = operations.put(mirrorImage(raster));
    const closed = (): void => {
      freeSeen();
      operations.free(mirrored);
    };
    const canvases = [canvasOf(seen), canvasOf(mirrored)] as const;
    return new DownscaledCanvas(operations, image, raster, canvases, closed);
  } catch (error) {
    freeSeen();
    throw error;
  }
}

const ONLY: TileIndex = { line: 0, tile: 0 };

/** A {@linkcode Canvas} around those of the reduced image and its mirror image. */
class DownscaledCanvas<N, I extends Size> implements Canvas<N, I> {
  readonly #operations: ImageOperations<N, I>;
  readonly #image: I;
  /** The reduced image. */
  readonly #seen: PackedRaster;
  /** Of the reduced image: its evidence alone counts. */
  readonly #canvas: ReducedCanvas<N, I>;
  /** Of its mirror image. */
  readonly #mirror: ReducedCanvas<N, I>;
  readonly #closed: () => void;
  readonly #watch = new CanvasStopwatch();
  /** As the network sees it, and of the image's size. */
  #masks: { readonly small: Mask; readonly full: Mask } | null = null;
  #guidance: Guidance | null = null;
  #correction: Correction | null = null;

  constructor(
    operations: ImageOperations<N, I>,
    image: I,
    seen: PackedRaster,
    [canvas, mirror]: readonly [ReducedCanvas<N, I>, ReducedCanvas<N, I>],
    closed: () => void,
  ) {
    this.#operations = operations;
    this.#image = image;
    this.#seen = seen;
    this.#canvas = canvas;
    this.#mirror = mirror;
    this.#closed = closed;
  }

  async beginMasks(cut: TileSize, pass: MaskPass): Promise<void> {
    await this.#both((canvas) => canvas.beginMasks(cut, pass));
  }

  async maskTile(at: TileIndex, network: N): Promise<void> {
    await this.#both((canvas) => canvas.maskTile(at, network));
  }

  async evidenceTile(at: TileIndex, network: N): Promise<void> {
    await this.#canvas.evidenceTile(at, network);
  }

  async evidence(): Promise<readonly Evidence[]> {
    return await this.#canvas.evidence();
  }

  async fillMask(task: Task, value: number): Promise<void> {
    await this.#both((canvas) => canvas.fillMask(task, value));
  }

  async mask(task: Task): Promise<MaskPlane> {
    const { width, height } = this.#seen;
    const [found, mirrored] = await this.#both(async (canvas) => {
      const { data } = await canvas.mask(task);
      return { width, height, data };
    });
    return await this.#watch.time("blend", async () => {
      const small = meanMask(found, mirrorMask(mirrored));
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
    const found = await this.#canvas.correction(small, network);
    const mirrored = await this.#mirror.correction(mirrorMask(small), network);
    const { curve, user } = this.#guidance!;
    this.#correction = this.#watch.sync("blend", () => {
      const mean = meanCorrection(
        found,
        mirrorCorrection(mirrored, this.#seen),
      );
      return exposed(this.#seen, mean, small, curve, user);
    });
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
    const [image, mirror] = await this.#both((canvas) => canvas.close());
    this.#closed();
    return addTimes(addTimes(image, mirror), this.#watch.times);
  }

  /** Of the image, then of its mirror image; a device does one thing at a time. */
  async #both<T>(
    ask: (canvas: ReducedCanvas<N, I>) => Promise<T>,
  ): Promise<[T, T]> {
    return [await ask(this.#canvas), await ask(this.#mirror)];
  }
}
