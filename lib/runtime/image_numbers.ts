/** Numbers by which a runtime knows images again. */
import type { PackedRaster } from "../pixels/planes.ts";
import type { Refinement } from "../pixels/refine.ts";

/** An image, with a number by which it is known again. */
export interface NumberedImage extends PackedRaster {
  readonly number: number;
}

/** A refinement of images with numbers. */
export interface NumberedRefinement extends Refinement {
  readonly finer: NumberedImage;
  readonly coarser: NumberedImage;
}

/** The numbers of the images that one runtime has seen. */
export class ImageNumbers {
  readonly #numbers = new WeakMap<PackedRaster, number>();
  #next = 0;

  /** A number that no image has. */
  next(): number {
    return this.#next++;
  }

  /** An image with its number; a new one where it has none. */
  of(image: PackedRaster): NumberedImage {
    return this.give(image, this.#numbers.get(image) ?? this.next());
  }

  /** An image with a number that the runtime gave it. */
  give(image: PackedRaster, number: number): NumberedImage {
    this.#numbers.set(image, number);
    return { ...image, number };
  }
}
