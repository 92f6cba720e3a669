/** Reads and decodes an input. */
import type { Metadata } from "../codecs/header.ts";
import type { InputFormat } from "../formats.ts";
import { decode } from "../codecs/mod.ts";
import { readInput } from "./read_input.ts";
import { checkMemory } from "./memory_estimate.ts";
import { isNeutral } from "../pixels/neutral.ts";
import { checkDepth, type ImageLimits, type Settings } from "../options.ts";
import type { DeepRaster } from "../pixels/deep_raster.ts";
import { pack, type PackedRaster } from "../pixels/planes.ts";
import type { Input } from "../types.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { codecWaits } from "./codec_waits.ts";
import { tooNarrow } from "./too_narrow.ts";
import { checkAborted, progressOf } from "../job_control.ts";

/** An image with the facts of its file. */
export interface LoadedImage {
  readonly raster: PackedRaster;
  /** The same with 16 bits a sample, where that was asked for and the file has them. */
  readonly deep: DeepRaster | null;
  /** `null` for raw pixels. */
  readonly format: InputFormat | null;
  readonly metadata: Metadata;
  /** Whether the file has one channel; so has the output if its format can. */
  readonly grey: boolean;
  /** Whether the file is compressed without loss. */
  readonly lossless: boolean;
  /** Whether red, green and blue are equal in every pixel. */
  readonly neutral: boolean;
  /** Faults of the file that did not prevent decoding. */
  readonly warnings: readonly string[];
  /** Facts of the input that are no faults. */
  readonly notes: readonly string[];
  /** Parts of the file that are not read, and so not written. */
  readonly left: readonly string[];
  /** The file itself; `null` for raw pixels. */
  readonly file: Uint8Array | null;
}

/**
 * Reads and decodes an input.
 *
 * @param accepted Called when nothing speaks against decoding it.
 * @throws {LimpidError} `empty-input`, `not-an-image`, `unsupported-format`,
 * `corrupt-image`, `too-much-memory`, `codec-failed`, `invalid-option` for 16
 * bits in a format of 8, and what {@linkcode readInput} throws.
 */
export async function loadImage(
  input: Input,
  limits: ImageLimits,
  settings: Settings,
  stopwatch: Stopwatch,
  accepted: () => void,
): Promise<LoadedImage> {
  const { maxMemory = null, ...size } = limits;
  const read = await readInput(input, size, settings);
  let image: LoadedImage;
  if (read instanceof Uint8Array) {
    const { raster, bitDepth: _, ...rest } = await decode(
      read,
      size,
      (info) => {
        checkAborted(settings);
        if (info.deep) checkDepth(settings.depth, settings.format);
        checkMemory(info, read.length, settings, maxMemory);
        accepted();
      },
      codecWaits("decode", settings, stopwatch),
      settings.depth,
    );
    const packed = await pack(raster);
    const neutral = rest.grey || await isNeutral(packed);
    image = { raster: packed, ...rest, neutral, file: read };
  } else {
    settings.onProgress(progressOf("decode", 0, 1));
    checkMemory(read, 0, settings, maxMemory);
    accepted();
    const packed = await pack(read);
    image = {
      raster: packed,
      deep: null,
      format: null,
      grey: false,
      lossless: true,
      neutral: await isNeutral(packed),
      metadata: {},
      warnings: [],
      notes: settings.depth === 8
        ? []
        : ["Raw pixels have 8 bits a channel, and so has the result."],
      left: [],
      file: null,
    };
  }
  checkAborted(settings);
  settings.onProgress(progressOf("decode", 1, 1));
  const narrow = tooNarrow(image.raster);
  return narrow === null
    ? image
    : { ...image, notes: [...image.notes, narrow] };
}
