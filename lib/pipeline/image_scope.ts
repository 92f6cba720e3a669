import type { DeviceImage } from "../runtime/backend.ts";

/** Images of one step: those that nobody keeps go when it is over. */
export class ImageScope implements Disposable {
  readonly #images = new Set<DeviceImage>();

  /** Puts an image under this scope. */
  add(image: DeviceImage): DeviceImage {
    this.#images.add(image);
    return image;
  }

  /** Takes an image out of the scope: it is the caller's from now on. */
  keep(image: DeviceImage): DeviceImage {
    this.#images.delete(image);
    return image;
  }

  [Symbol.dispose](): void {
    for (const image of this.#images) image[Symbol.dispose]();
    this.#images.clear();
  }
}
