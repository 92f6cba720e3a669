/** A picture at several scales: damage has a size in the scene, and networks know it in few pixels. */
import type { Backend } from "../runtime/backend.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Size } from "../tiling/tile_plan.ts";

/** Most pixels of the longest side of the coarsest level; a smaller picture has one level. */
export const COARSEST_SIDE = 640;

/** The sizes of all levels, the picture's own first, each of half the side of the one before. */
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

/** The levels of a picture, each reduced when it is first asked for. */
export class Pyramid {
  readonly sizes: readonly Size[];
  readonly #backend: Backend;
  readonly #levels = new Map<number, Promise<PackedRaster>>();

  constructor(backend: Backend, picture: PackedRaster) {
    this.#backend = backend;
    this.sizes = levelSizes(picture);
    this.#levels.set(0, Promise.resolve(picture));
  }

  /** Number of the coarsest level; 0 is the picture. */
  get coarsest(): number {
    return this.sizes.length - 1;
  }

  /** @throws {LimpidError} `device-failed` */
  async level(index: number): Promise<PackedRaster> {
    let level = this.#levels.get(index);
    if (level === undefined) {
      level = this.#levels.get(0)!.then((picture) =>
        this.#backend.reduce(picture, this.sizes[index]!)
      );
      this.#levels.set(index, level);
    }
    return await level;
  }
}
