/**
 * Decoding and encoding off the caller's thread. One Worker serves the whole
 * process: it is started by the first picture, and ended when no restorer is
 * open and no picture under way, since a Worker keeps the process alive. A
 * result that is encoded later than that has it started again.
 */
import type { Decoded, DecodeLimits } from "../image/decode.ts";
import type { EncodeOptions } from "../image/encode.ts";
import type { ImageInfo } from "../image/image_info.ts";
import type { Mask, Raster } from "../types.ts";
import { CodecWorker } from "./codec_worker.ts";
import { copyBytes } from "../copy_bytes.ts";

/**
 * Milliseconds for anything: the codec may have to be downloaded first. What a
 * file can do to a decoder is bounded by its pixels and scans.
 */
const TIME = 60_000;
/** And for each pixel: six times what the slowest, WebP's encoder, takes. */
const TIME_PER_PIXEL = 0.005;

let worker: CodecWorker | null = null;
let holders = 0;

/** Keeps the Worker, once it is started, until disposed of. */
export function holdCodecs(): Disposable {
  holders++;
  let held = true;
  return {
    [Symbol.dispose](): void {
      if (!held) return;
      held = false;
      if (--holders > 0) return;
      worker?.end();
      worker = null;
    },
  };
}

/** The Worker; a new one after one that failed. */
function codecWorker(): CodecWorker {
  if (worker === null || worker.failed) worker = new CodecWorker();
  return worker;
}

/**
 * As {@linkcode import("../image/decode.ts").decode}, in the Worker.
 *
 * @param bytes They stay the caller's.
 * @param check Called with what the header says, after the limits are checked
 * and before anything is decoded; what it throws ends the job.
 * @throws {LimpidError} what `decode()` throws, and `device-failed` where the
 * codec does not come to an end.
 */
export async function decode(
  bytes: Uint8Array,
  limits: DecodeLimits,
  check: (info: ImageInfo) => void,
): Promise<Decoded> {
  using _ = holdCodecs();
  const copy = await copyBytes([bytes]);
  const { info, bytes: back } = await codecWorker().ask<"probe">(
    { kind: "probe", bytes: copy, limits },
    [copy.buffer],
    TIME,
  );
  check(info);
  return await codecWorker().ask<"decode">(
    { kind: "decode", bytes: back, limits },
    [back.buffer],
    timeFor(info),
  );
}

/**
 * As {@linkcode import("../image/encode.ts").encode}, in the Worker. The
 * pixels stay the caller's.
 *
 * @throws {LimpidError} what `encode()` throws, and `device-failed`.
 */
export async function encode(
  raster: Raster,
  options: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  using _ = holdCodecs();
  const copy = await copyRaster(raster);
  return await codecWorker().ask<"encode">(
    { kind: "encode", raster: copy, options },
    [copy.data.buffer],
    timeFor(raster),
  );
}

/**
 * A mask as a grey PNG, or, given the picture beneath it, as a heat map over
 * that. Both stay the caller's.
 *
 * @throws {LimpidError} `invalid-option` where their sizes differ, `device-failed`.
 */
export async function encodeMask(
  mask: Mask,
  beneath: Raster | null,
): Promise<Uint8Array<ArrayBuffer>> {
  using _ = holdCodecs();
  const data = await copyBytes([mask.data]);
  const picture = beneath && await copyRaster(beneath);
  return await codecWorker().ask<"encode-mask">(
    { kind: "encode-mask", mask: { ...mask, data }, beneath: picture },
    picture ? [data.buffer, picture.data.buffer] : [data.buffer],
    timeFor(mask),
  );
}

async function copyRaster(
  { width, height, data }: Raster,
): Promise<Raster & { readonly data: Uint8Array<ArrayBuffer> }> {
  return { width, height, data: await copyBytes([data]) };
}

function timeFor(
  { width, height }: { readonly width: number; readonly height: number },
): number {
  return TIME + TIME_PER_PIXEL * width * height;
}
