/** The images of a backend whose runtime is on the caller's own thread. */
import type { Size } from "../tiling/tile_plan.ts";
import type { Backend, DeviceImage, Session } from "./backend.ts";
import type { Canvas } from "./canvas/canvas.ts";
import type { Refined } from "../pixels/refine.ts";
import type { ImageOperations } from "./canvas/image_operations.ts";

/**
 * The part of a backend that has to do with images.
 *
 * @param networkOf The network of a session.
 */
export function nearImages<N, I extends Size>(
  operations: ImageOperations<N, I>,
  networkOf: (session: Session) => N,
): Pick<Backend, "put" | "open" | "reduce" | "sample" | "refine"> {
  const images = new WeakMap<DeviceImage, I>();
  const of = (held: DeviceImage): I => images.get(held)!;
  const held = (image: I): DeviceImage => {
    const { width, height } = image;
    const handle = {
      width,
      height,
      read: () => operations.read(image),
      [Symbol.dispose]: () => operations.free(image),
    };
    images.set(handle, image);
    return handle;
  };
  return {
    put: (raster) => Promise.resolve(held(operations.put(raster))),
    async open(image, maxSide): Promise<Canvas<Session, DeviceImage>> {
      const canvas = await operations.open(of(image), maxSide);
      return {
        beginMasks: (...args) => canvas.beginMasks(...args),
        maskTile: (at, session) => canvas.maskTile(at, networkOf(session)),
        evidenceTile: (at, session) =>
          canvas.evidenceTile(at, networkOf(session)),
        evidence: () => canvas.evidence(),
        fillMask: (...args) => canvas.fillMask(...args),
        mask: (task) => canvas.mask(task),
        beginRestore: (...args) => canvas.beginRestore(...args),
        restoreTile: (at, session) =>
          canvas.restoreTile(at, networkOf(session)),
        composite: async () => held(await canvas.composite()),
        close: () => canvas.close(),
      };
    },
    reduce: async (image, size) =>
      held(await operations.reduce(of(image), size)),
    sample: async (image) => held(await operations.sample(of(image))),
    async refine(
      { finer, coarser, restored, ...others },
    ): Promise<Refined<DeviceImage>> {
      const { image, mask } = await operations.refine({
        ...others,
        finer: of(finer),
        coarser: of(coarser),
        restored: of(restored),
      });
      return { image: held(image), mask };
    },
  };
}
