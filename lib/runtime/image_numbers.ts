/** Numbers by which a runtime knows images again. */
import type { PackedRaster } from "../pixels/planes.ts";
import type { NumberedImage } from "./canvas/gpu_images.ts";

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
