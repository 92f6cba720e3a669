/**
 * An image at several scales: networks recognise damage that is few pixels
 * wide, while its size in pixels grows with the resolution.
 */
import type { Backend, DeviceImage } from "../runtime/backend.ts";
import type { Size } from "../tiling/tile_plan.ts";
import { ImageScope } from "./image_scope.ts";

/** Longest side of the coarsest level; a smaller image has one level. */
const COARSEST_SIDE = 640;

/** Sizes of all levels: the image's own first, then each of half the side. */
export function levelSizes({ width, height }: Size): readonly Size[] {
  const sizes: Size[] = [{ width, height }];
  for (
    let last = sizes[0]!;
    Math.max(last.width, last.height) > COARSEST_SIDE;
  ) {
    last = {
      width: Math.ceil(last.width / 2),
      height: Math.ceil(last.height / 2),
    };
    sizes.push(last);
  }
  return sizes;
}

/**
 * The levels of an image; each is computed when it is first asked for, and goes
 * with the pyramid. It may begin with a coarser level than the image's own.
 */
export class Pyramid implements Disposable {
  readonly sizes: readonly Size[];
  readonly #backend: Backend;
  readonly #finest: number;
  readonly #levels = new Map<number, Promise<DeviceImage>>();
  readonly #images = new ImageScope();

  /**
   * @param image The finest level, which stays the caller's.
   * @param sizes Of all levels.
   * @param finest The index of that level.
   */
  constructor(
    backend: Backend,
    image: DeviceImage,
    sizes: readonly Size[] = levelSizes(image),
    finest = 0,
  ) {
    this.#backend = backend;
    this.sizes = sizes;
    this.#finest = finest;
    this.#levels.set(finest, Promise.resolve(image));
  }

  /** Index of the coarsest level; level 0 is the image. */
  get coarsest(): number {
    return this.sizes.length - 1;
  }

  /** @throws {LimpidError} `device-failed` */
  async level(index: number): Promise<DeviceImage> {
    let level = this.#levels.get(index);
    if (level === undefined) {
      level = this.#levels.get(this.#finest)!
        .then((image) => this.#backend.reduce(image, this.sizes[index]!))
        .then((reduced) => this.#images.add(reduced));
      this.#levels.set(index, level);
    }
    return await level;
  }

  /** Frees the levels but the finest. */
  [Symbol.dispose](): void {
    this.#images[Symbol.dispose]();
  }
}
