/**
 * Decodes and encodes off the caller's thread. One Worker serves the whole
 * process. The first image starts it. It is ended when no restorer is open and
 * no image is in progress, because a Worker keeps the process alive; encoding a
 * result later starts it again.
 */
import type { Decoded, DecodeLimits } from "./decode.ts";
import type { EncodeOptions } from "./encode.ts";
import type { ImageInfo } from "./header.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { copyBytes } from "../pixels/copy_bytes.ts";
import { type ErrorCode, LimpidError } from "../errors.ts";
import { checkMaskSize } from "../options.ts";
import { pack } from "../pixels/planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Depth, Mask, Raster } from "../types.ts";
import type { MaskUse } from "./user_mask.ts";
import { type Ask, CodecWorker, type Waits } from "./worker_client.ts";
import type { Answers } from "./protocol.ts";
import { offerRows } from "./row_transfer.ts";

/**
 * Milliseconds for any request: the codec may have to be downloaded first.
 * Limits on pixels and scans bound a decoder's time.
 */
const TIME = 60_000;
/**
 * Additional milliseconds for each pixel: six times those of the slowest codec,
 * WebP's encoder.
 */
const TIME_PER_PIXEL = 0.005;

/**
 * Pixels of an image above which the Worker is ended after it. Otherwise the
 * Worker would keep 3 to 12 bytes a pixel. Starting the next one takes 0.06 s.
 */
const LARGE = 4e6;

let worker: CodecWorker | null = null;
let holders = 0;

/** Keeps the Worker alive, once it is started, until disposed of. */
export function retainCodecWorker(): Disposable {
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

function codecWorker(): CodecWorker {
  return worker ??= new CodecWorker();
}

/**
 * As {@linkcode import("./decode.ts").decode}, in the Worker.
 *
 * @param bytes The caller keeps them.
 * @param check Called with what the header says, after the limits are checked
 * and before anything is decoded; what it throws ends the job.
 * @throws {LimpidError} what `decode()` throws, and `codec-failed` where the
 * codec does not come to an end.
 */
export async function decode(
  bytes: Uint8Array,
  limits: DecodeLimits,
  check: (info: ImageInfo) => void,
  waits: Waits = {},
  depth: Depth = 8,
): Promise<Decoded> {
  using _ = retainCodecWorker();
  return await codecWorker().take(async (ask) => {
    const { info, bytes: back } = await probe(ask, bytes, limits);
    check(info);
    return await ask<"decode">(
      { kind: "decode", bytes: back, limits, depth },
      { transfer: [back.buffer], time: timeFor(info), large: isLarge(info) },
    );
  }, waits);
}

/**
 * As {@linkcode import("./user_mask.ts").readUserMask}, in the Worker.
 *
 * @param bytes The caller keeps them.
 * @param image The image's file; a mask of another size is not decoded.
 * @throws {LimpidError} as {@linkcode decode}; `invalid-option` where the sizes differ.
 */
export async function decodeMask(
  bytes: Uint8Array,
  use: MaskUse,
  limits: DecodeLimits,
  image: Uint8Array,
  waits: Waits = {},
): Promise<Mask> {
  using _ = retainCodecWorker();
  return await codecWorker().take(async (ask) => {
    const of = await probe(ask, image, limits);
    const { width, height } = uprightSize(of.info);
    return await blamedOnMask(async () => {
      const { info, bytes: back } = await probe(ask, bytes, limits);
      checkMaskSize(uprightSize(info), width, height);
      return await ask<"decode-mask">(
        { kind: "decode-mask", bytes: back, use, limits },
        { transfer: [back.buffer], time: timeFor(info), large: isLarge(info) },
      );
    });
  }, waits);
}

/** Says of faults of a mask's file that it is the mask's, not the image's. */
async function blamedOnMask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LimpidError) || !FILE_FAULTS.has(error.code)) {
      throw error;
    }
    throw new LimpidError(
      error.code,
      `The mask's file cannot be used: ${error.message}`,
      { cause: error },
    );
  }
}

/** Codes of faults that lie in a file. */
const FILE_FAULTS: ReadonlySet<ErrorCode> = new Set([
  "empty-input",
  "not-an-image",
  "unsupported-format",
  "corrupt-image",
  "too-many-bytes",
  "too-many-pixels",
]);

/**
 * As {@linkcode import("./encode.ts").encode}, in the Worker, of pixels or of
 * rows that are computed as they are read. The caller keeps the pixels, and must
 * not write to them until it is done.
 *
 * @throws {LimpidError} what `encode()` throws, and `codec-failed`.
 */
export async function encode(
  image: Raster | Rows,
  options: EncodeOptions,
  waits: Waits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  using _ = retainCodecWorker();
  const { offer, put } = offerRows("read" in image ? image : rowsOf(image));
  return await codecWorker().ask<"encode">(
    { kind: "encode", rows: offer, options },
    {
      time: timeFor(image),
      put,
      // A JPEG is written band by band, which takes little memory.
      large: options.format !== "jpeg" && isLarge(image),
    },
    waits,
  );
}

/**
 * Encodes a mask as a grey PNG or, over the image `beneath`, as a heat map. The
 * caller keeps both, and must not write to them until it is done.
 *
 * @throws {LimpidError} `invalid-option` where the sizes differ,
 * `codec-failed`.
 */
export async function encodeMask(
  mask: Mask,
  beneath: Raster | null,
  waits: Waits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  using _ = retainCodecWorker();
  const { offer, put } = offerRows(rowsOf(mask, 1));
  const image = beneath && await pack(beneath);
  return await codecWorker().ask<"encode-mask">(
    { kind: "encode-mask", mask: offer, beneath: image },
    { time: timeFor(mask), put, large: isLarge(mask) },
    waits,
  );
}

/** Reads a file's header in the Worker; returns a copy of the file, too. */
async function probe(
  ask: Ask,
  bytes: Uint8Array,
  limits: DecodeLimits,
): Promise<Answers["probe"]> {
  const copy = await copyBytes([bytes]);
  return await ask<"probe">(
    { kind: "probe", bytes: copy, limits },
    { transfer: [copy.buffer], time: TIME },
  );
}

/** Orientations from 5 on exchange width and height. */
function uprightSize({ width, height, orientation }: ImageInfo): Size {
  return orientation < 5 ? { width, height } : { width: height, height: width };
}

function timeFor({ width, height }: Size): number {
  return TIME + TIME_PER_PIXEL * width * height;
}

function isLarge({ width, height }: Size): boolean {
  return width * height > LARGE;
}
