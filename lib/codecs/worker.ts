/**
 * The Worker in which pictures are decoded and encoded: a codec blocks its
 * thread for seconds, and this one is not the caller's. It answers one request
 * at a time; the caller's thread waits for each reply.
 */
import { asLimpidError } from "../errors.ts";
import { checkHeader, decode } from "../image/decode.ts";
import { encode, encodeGreyPng } from "../image/encode.ts";
import { overlay } from "../image/heat_map.ts";
import { isOutOfMemory, outOfMemory } from "../memory.ts";
import type { Answers, Reply, Request } from "./protocol.ts";

/** What a Worker's global scope has and a window's has not. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: request }) => {
  try {
    const [answer, buffer] = await answerTo(request);
    scope.postMessage({ kind: "answer", answer }, [buffer]);
  } catch (error) {
    const { code, message, cause } = isOutOfMemory(error)
      ? outOfMemory(error)
      : asLimpidError(
        error,
        "device-failed",
        `The codec failed to ${request.kind} the picture (${error}).`,
      );
    scope.postMessage({ kind: "error", code, message, cause: `${cause}` }, []);
  }
};

/** The answer, and the buffer that goes with it. */
async function answerTo(
  request: Request,
): Promise<[Answers[keyof Answers], ArrayBuffer]> {
  switch (request.kind) {
    case "probe": {
      const { bytes, limits } = request;
      const { info } = checkHeader(bytes, limits);
      return [{ info, bytes }, bytes.buffer];
    }
    case "decode": {
      const decoded = await decode(request.bytes, request.limits);
      // Decoders give their pixels a buffer of their own.
      return [decoded, decoded.raster.data.buffer as ArrayBuffer];
    }
    case "encode": {
      const file = await encode(request.raster, request.options);
      return [file, file.buffer];
    }
    case "encode-mask": {
      const { mask, beneath } = request;
      const file = beneath === null
        ? await encodeGreyPng(mask)
        : await encode(overlay(beneath, mask), { format: "png" });
      return [file, file.buffer];
    }
  }
}
