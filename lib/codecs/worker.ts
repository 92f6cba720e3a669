/**
 * The Worker that decodes and encodes images: a codec may block its thread for
 * seconds, so it must not be the caller's. The Worker answers one request at a
 * time; the caller's thread waits for each reply.
 */
import { checkHeader, decode } from "./decode.ts";
import { encodeRows } from "./encode.ts";
import { overlay } from "./heat_map.ts";
import { takenBytes } from "./wasm_module.ts";
import { isOutOfMemory, outOfMemory } from "../out_of_memory.ts";
import { readUserMask } from "./user_mask.ts";
import { notify, serveRequests } from "../workers/rpc.ts";
import type { Answers, Request, RowsReady } from "./protocol.ts";
import { askedRows, type RowRequest } from "./row_transfer.ts";

/** Resumes the request that waits for rows. */
let rowsHere: () => void;

serveRequests<Request>({
  answer: answerTo,
  heed(message): boolean {
    if ((message as RowsReady).kind !== "rows-here") return false;
    rowsHere();
    return true;
  },
  fallback: (error, { kind }) => [
    "codec-failed",
    `The codec failed to ${kind} the image (${error}).`,
  ],
  notice: () => ({ taken: takenBytes() }),
});

function askForRows(wanted: RowRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  rowsHere = resolve;
  notify({ kind: "rows-wanted", ...wanted });
  return promise;
}

/** Returns the answer and the buffers to transfer with it. */
async function answerTo(
  request: Request,
): Promise<[Answers[keyof Answers], ArrayBuffer[]]> {
  try {
    return await answerOf(request);
  } catch (error) {
    throw isOutOfMemory(error) ? outOfMemory(error) : error;
  }
}

async function answerOf(
  request: Request,
): Promise<[Answers[keyof Answers], ArrayBuffer[]]> {
  switch (request.kind) {
    case "probe": {
      const { bytes, limits } = request;
      const { info } = checkHeader(bytes, limits);
      return [{ info, bytes }, [bytes.buffer]];
    }
    case "decode": {
      const { bytes, limits, depth } = request;
      // The pixels are in shared memory: nothing to transfer.
      return [await decode(bytes, limits, depth), []];
    }
    case "decode-mask": {
      const { bytes, use, limits } = request;
      const mask = await readUserMask(bytes, use, limits);
      return [mask, [mask.data.buffer as ArrayBuffer]];
    }
    case "encode": {
      const rows = askedRows(request.rows, askForRows);
      const file = await encodeRows(rows, request.options);
      return [file, [file.buffer]];
    }
    case "encode-mask": {
      const { mask, beneath } = request;
      const rows = askedRows(mask, askForRows);
      const file = await encodeRows(
        beneath === null ? rows : overlay(beneath, rows),
        { format: "png" },
      );
      return [file, [file.buffer]];
    }
  }
}
