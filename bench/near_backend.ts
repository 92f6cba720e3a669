/** A backend whose runtime is on this thread, so that what it hands to the GPU can be counted. */
import type { Backend, Session } from "../lib/runtime/backend.ts";
import { nearImages } from "../lib/runtime/near_images.ts";
import type { OnnxNetwork } from "../lib/runtime/onnx_network.ts";
import type { Runtime } from "../lib/runtime/onnx_runtime.ts";

export function nearBackend(runtime: Runtime): Backend {
  const networks = new Map<Session, OnnxNetwork>();
  return {
    ...nearImages(runtime.operations, (session) => networks.get(session)!),
    device: "webgpu",
    reason: "It is measured.",
    software: runtime.software,
    half: runtime.half,
    broken: null,
    async load(id, model, declared): Promise<Session> {
      const { network, arithmetic } = await runtime.load(
        id,
        model,
        declared ?? null,
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
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
