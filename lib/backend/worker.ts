/**
 * The Worker in which a runtime lives: while it computes it blocks its thread,
 * and this one is not the caller's. It answers one request at a time; the main
 * thread waits for each reply.
 */
import { asLimpidError } from "../errors.ts";
import type { Network } from "./onnx_network.ts";
import {
  type Answers,
  buffersOf,
  type Reply,
  type Request,
} from "./protocol.ts";
import { openRuntime, type Runtime } from "./runtime.ts";

/** What a Worker's global scope has and a window's has not. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

// onnxruntime-web takes a scope with a location for a browser's and would load
// its parts from there. It looks when it is imported, which is later.
Reflect.deleteProperty(globalThis, "location");

let runtime: Runtime;
const networks = new Map<number, Network>();

scope.onmessage = async ({ data: request }) => {
  try {
    const answer = await answerTo(request);
    const transfer = request.kind === "run"
      ? buffersOf(answer as Answers["run"])
      : [];
    scope.postMessage({ kind: "answer", answer }, transfer);
  } catch (error) {
    const { code, message, cause } = asLimpidError(
      error,
      "device-failed",
      `The ${request.kind} request failed in the Worker.`,
    );
    scope.postMessage({ kind: "error", code, message, cause: `${cause}` }, []);
  }
};

async function answerTo(request: Request): Promise<Answers[keyof Answers]> {
  switch (request.kind) {
    case "open": {
      const opened = await openRuntime(
        request,
        (message) => scope.postMessage({ kind: "lost", message }, []),
      );
      if ("why" in opened) return opened;
      runtime = opened;
      return { name: runtime.name };
    }
    case "load": {
      const { network, id, model, names } = request;
      networks.set(network, await runtime.load(id, model, names));
      return null;
    }
    case "run":
      return await networks.get(request.network)!.run(request.feeds);
    case "release":
      await networks.get(request.network)!.release();
      networks.delete(request.network);
      return null;
    case "close":
      // Native memory does not go with the Worker.
      for (const network of networks.values()) await network.release();
      return null;
  }
}
