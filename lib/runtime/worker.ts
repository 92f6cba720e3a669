/**
 * The Worker in which a runtime lives: while it computes it blocks its thread,
 * and this one is not the caller's. It answers one request at a time; the main
 * thread waits for each reply.
 */
import type { Canvas } from "./canvas/canvas.ts";
import type { OnnxNetwork } from "./onnx_network.ts";
import {
  type Answers,
  buffersOf,
  type CanvasAnswer,
  type CanvasCall,
  type ImageRef,
  type Request,
} from "./protocol.ts";
import { notify, serveRequests } from "../workers/rpc.ts";
import { type AnyImage, openRuntime, type Runtime } from "./onnx_runtime.ts";
import { WrongNumbers } from "./self_check.ts";

// onnxruntime-web takes a scope with a location for a browser's and would load
// its parts from there. It looks when it is imported, which is later.
Reflect.deleteProperty(globalThis, "location");

let runtime: Runtime;
const networks = new Map<number, OnnxNetwork>();
const canvases = new Map<number, Canvas<OnnxNetwork, AnyImage>>();
const images = new Map<number, AnyImage>();
let nextImage = 0;
/** Networks of which the main thread knows why they are not recorded. */
const told = new Set<number>();

serveRequests<Request>({
  async answer(request): Promise<readonly [unknown, ArrayBuffer[]]> {
    const answer = await answerTo(request);
    return [answer, buffersOf(answer)];
  },
  fallback: (_error, { kind }) => [
    "device-failed",
    `The ${kind} request failed in the Worker.`,
  ],
  notice(error): object | null {
    if (!isWasmTrap(error)) return { wrong: error instanceof WrongNumbers };
    notify({ kind: "lost", message: "its runtime crashed" });
    return null;
  },
});

async function answerTo(request: Request): Promise<Answers[keyof Answers]> {
  switch (request.kind) {
    case "open": {
      const opened = await openRuntime(
        request,
        (message) => notify({ kind: "lost", message }),
      );
      if ("why" in opened) return opened;
      runtime = opened;
      const { name, software, half } = runtime;
      return { name, software, half };
    }
    case "load": {
      const { network, id, model, declared } = request;
      const loaded = await runtime.load(id, model, declared);
      networks.set(network, loaded.network);
      return loaded.arithmetic;
    }
    case "run":
      return await networks.get(request.network)!.run(request.feeds);
    case "put":
      return kept(runtime.operations.put(request.raster));
    case "read":
      return await runtime.operations.read(images.get(request.image)!);
    case "free":
      runtime.operations.free(images.get(request.image)!);
      images.delete(request.image);
      return null;
    case "reduce": {
      const image = images.get(request.image)!;
      return kept(await runtime.operations.reduce(image, request.size));
    }
    case "sample":
      return kept(await runtime.operations.sample(images.get(request.image)!));
    case "refine": {
      const { finer, coarser, restored, ...others } = request.refinement;
      const { image, mask } = await runtime.operations.refine({
        ...others,
        finer: images.get(finer)!,
        coarser: images.get(coarser)!,
        restored: images.get(restored)!,
      });
      return { image: kept(image), mask };
    }
    case "open-canvas": {
      const { canvas, image, maxSide } = request;
      canvases.set(
        canvas,
        await runtime.operations.open(images.get(image)!, maxSide),
      );
      return null;
    }
    case "canvas": {
      const { canvas, call } = request;
      const answer = await callCanvas(canvases.get(canvas)!, call);
      tellUnrecorded();
      if (call.method === "close") canvases.delete(canvas);
      return answer;
    }
    case "close":
      // Native memory does not go with the Worker.
      for (const network of networks.values()) await network.release();
      return null;
  }
}

/** Keeps an image under a number of its own. */
function kept(image: AnyImage): ImageRef {
  const number = nextImage++;
  images.set(number, image);
  return { image: number, width: image.width, height: image.height };
}

function tellUnrecorded(): void {
  for (const [network, { unrecorded }] of networks) {
    if (unrecorded === null || told.has(network)) continue;
    told.add(network);
    notify({ kind: "unrecorded", network, why: unrecorded });
  }
}

async function callCanvas(
  canvas: Canvas<OnnxNetwork, AnyImage>,
  call: CanvasCall,
): Promise<CanvasAnswer<CanvasCall["method"]>> {
  switch (call.method) {
    case "beginMasks":
      return await canvas.beginMasks(...call.args);
    case "maskTile":
      return await canvas.maskTile(call.args[0], networks.get(call.args[1])!);
    case "evidenceTile":
      return await canvas.evidenceTile(
        call.args[0],
        networks.get(call.args[1])!,
      );
    case "evidence":
      return await canvas.evidence();
    case "fillMask":
      return await canvas.fillMask(...call.args);
    case "mask":
      return await canvas.mask(...call.args);
    case "beginRestore":
      return await canvas.beginRestore(...call.args);
    case "restoreTile":
      return await canvas.restoreTile(
        call.args[0],
        networks.get(call.args[1])!,
      );
    case "composite":
      return kept(await canvas.composite());
    case "close":
      return await canvas.close();
  }
}

/** Whether a wasm runtime is beyond repair: its memory may be in any state. */
function isWasmTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error && error.cause !== undefined &&
      isWasmTrap(error.cause));
}
