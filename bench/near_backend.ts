/** A backend whose runtime is on this thread, so that what it hands to the GPU can be counted. */
import type { Backend, Session } from "../lib/runtime/backend.ts";
import { ImageNumbers } from "../lib/runtime/image_numbers.ts";
import type { Canvas } from "../lib/runtime/canvas/canvas.ts";
import type { OnnxNetwork } from "../lib/runtime/onnx_network.ts";
import type { Runtime } from "../lib/runtime/onnx_runtime.ts";

export function nearBackend(runtime: Runtime): Backend {
  const networks = new Map<Session, OnnxNetwork>();
  const numbers = new ImageNumbers();
  return {
    device: "webgpu",
    reason: "It is measured.",
    software: runtime.software,
    broken: null,
    async load(id, model, names): Promise<Session> {
      const { network, arithmetic } = await runtime.load(
        id,
        model,
        names ?? null,
      );
      const session: Session = {
        id,
        ...arithmetic,
        unrecorded: network.unrecorded,
        run: (feeds) => network.run(feeds),
      };
      networks.set(session, network);
      return session;
    },
    open(image, maxSide): Promise<Canvas<Session>> {
      const canvas = runtime.open(numbers.of(image), maxSide);
      const network = (session: Session): OnnxNetwork => networks.get(session)!;
      return Promise.resolve({
        beginMasks: (...args) => canvas.beginMasks(...args),
        maskTile: (at, session) => canvas.maskTile(at, network(session)),
        evidenceTile: (at, session) =>
          canvas.evidenceTile(at, network(session)),
        evidence: () => canvas.evidence(),
        fillMask: (...args) => canvas.fillMask(...args),
        mask: (task) => canvas.mask(task),
        beginRestore: (...args) => canvas.beginRestore(...args),
        restoreTile: (at, session) => canvas.restoreTile(at, network(session)),
        composite: () => canvas.composite(),
        close: () => canvas.close(),
      });
    },
    async reduce(image, size): ReturnType<Backend["reduce"]> {
      const as = numbers.next();
      const reduced = await runtime.reduce(numbers.of(image), size, as);
      numbers.give(reduced, as);
      return reduced;
    },
    async refine(refinement): ReturnType<Backend["refine"]> {
      const as = numbers.next();
      const refined = await runtime.refine({
        ...refinement,
        finer: numbers.of(refinement.finer),
        coarser: numbers.of(refinement.coarser),
      }, as);
      numbers.give(refined.image, as);
      return refined;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
